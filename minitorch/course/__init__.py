"""The course: students write functions of minitorch themselves, and the rest of it runs on top of theirs.

    task.py           what an assignment is: tasks, their cases, classic mistakes
    assignments/      the assignments, a file each
    solutions/        for each a solution as a student may write it
    starter.py        the file that a student starts from, made from the library's own source
    slots.py          puts a student's functions in the place of the library's
    grader.py         asks a process of its own, child.py, what the student's functions answer, and compares
    values.py         how answers travel and when they are equal
    commands.py       python -m minitorch course ...
"""
