"""Kernels, one package a device: arrays and plain numbers in, arrays out. They never see a Tensor."""
