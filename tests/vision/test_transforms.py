"""Transforms, grids and models. Numbers without an explanation were torchvision 0.28's."""
import io

import numpy as np
import pytest
from PIL import Image

import minitorch
from minitorch.vision import io as pictures
from minitorch.vision import models, transforms, utils
from minitorch.vision.transforms import functional as TF

PIXELS = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3) * 3  # (H, W, C)
PICTURE = Image.fromarray(PIXELS)


def array(picture):
    """(C, H, W), of a picture or a tensor."""
    return np.asarray(picture).transpose(2, 0, 1) if isinstance(picture, Image.Image) else picture.numpy()


@pytest.fixture(params=["picture", "tensor"])
def image(request):
    return PICTURE if request.param == "picture" else TF.pil_to_tensor(PICTURE)


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "1", "F"])
def test_pictures_become_tensors_and_pictures_again(mode):
    picture = PICTURE.convert(mode)
    tensor = TF.to_tensor(picture)
    assert tensor.dtype == minitorch.float32 and tensor.shape[1:] == (4, 6)
    if mode != "F":
        assert 0 <= tensor.min() and tensor.max() <= 1
    back = TF.to_pil_image(tensor, mode if mode in ("F", "1") else None)
    np.testing.assert_array_equal(np.asarray(back), np.asarray(picture))


def test_what_is_no_picture_is_refused():
    with pytest.raises(TypeError, match="pic should be PIL Image or ndarray"):
        TF.to_tensor([1])
    with pytest.raises(ValueError, match="pic should be 2/3 dimensional"):
        TF.to_tensor(np.zeros(3))
    with pytest.raises(ValueError, match="should not have > 4 channels"):
        TF.to_pil_image(minitorch.zeros(5, 2, 2))
    with pytest.raises(ValueError, match="std evaluated to zero"):
        TF.normalize(minitorch.ones(3, 2, 2), [0.5], [0.0])
    with pytest.raises(TypeError, match="should be a float tensor"):
        TF.normalize(minitorch.ones(3, 2, 2, dtype=minitorch.uint8), [0.5], [1.0])
    with pytest.raises(ValueError, match="larger than input image size"):
        transforms.RandomCrop(9)(PICTURE)


def test_crops_flips_and_borders(image):
    pixels = PIXELS.transpose(2, 0, 1)  # (C, H, W)
    np.testing.assert_array_equal(array(TF.crop(image, 1, 2, 2, 3)), pixels[:, 1:3, 2:5])
    outside = array(TF.crop(image, -1, 4, 3, 4))
    np.testing.assert_array_equal(outside[:, 1:, :2], pixels[:, :2, 4:])
    assert outside.shape == (3, 3, 4) and not outside[:, 0].any() and not outside[:, :, 2:].any()
    np.testing.assert_array_equal(array(TF.center_crop(image, 2)), pixels[:, 1:3, 2:4])
    np.testing.assert_array_equal(array(TF.center_crop(image, (6, 2)))[:, 1:5], pixels[:, :, 2:4])
    np.testing.assert_array_equal(array(TF.hflip(image)), pixels[:, :, ::-1])
    np.testing.assert_array_equal(array(TF.vflip(image)), pixels[:, ::-1])
    for mode in "constant", "edge", "reflect":
        options = {"constant_values": 7} if mode == "constant" else {}
        np.testing.assert_array_equal(array(TF.pad(image, (1, 2, 3, 0), 7, mode)),
                                      np.pad(pixels, ((0, 0), (2, 0), (1, 3)), mode, **options))


@pytest.mark.parametrize("size, options, expected", [
    (2, {}, (2, 3)), ((3, 5), {}, (3, 5)), (8, {"max_size": 9}, (6, 9)), (4, {}, (4, 6))])
def test_resize(image, size, options, expected):
    resized = transforms.Resize(size, **options)(image)
    assert array(resized).shape[1:] == expected
    pil = np.asarray(PICTURE.resize(expected[::-1], Image.Resampling.BILINEAR)).transpose(2, 0, 1).astype(int)
    assert abs(array(resized).astype(int) - pil).max() <= 1


def test_random_transforms_draw_what_torchvision_draws(image):
    minitorch.manual_seed(0)
    crop = transforms.RandomCrop(2)(image)
    np.testing.assert_array_equal(array(crop)[0], [[144, 153], [198, 207]])
    flips = [array(transforms.RandomHorizontalFlip()(image))[0, 0, 0] == 0 for _ in range(5)]
    assert flips == [False, False, False, True, False]
    assert transforms.RandomResizedCrop((2, 3), scale=(0.2, 0.9))._rectangle(40, 60) == (1, 8, 39, 30)
    jitter = transforms.ColorJitter(0.5, 0.5, 0.5)(image)
    assert abs(array(jitter)[:, 1, 1].astype(int) - [46, 48, 50]).max() <= 1


def test_colors(image):
    grey = 0.2989 * PIXELS[..., 0] + 0.587 * PIXELS[..., 1] + 0.114 * PIXELS[..., 2]  # (H, W)
    three = array(TF.rgb_to_grayscale(image, 3))
    assert three.shape == (3, 4, 6) and abs(three - grey).max() <= 1
    pixels = PIXELS.transpose(2, 0, 1).astype(int)
    assert abs(array(TF.adjust_brightness(image, 0.5)) - pixels / 2).max() <= 1
    assert abs(array(TF.adjust_contrast(image, 0)) - grey.mean()).max() <= 1
    assert abs(array(TF.adjust_saturation(image, 0)) - grey).max() <= 1
    hue = TF.adjust_hue(PICTURE, 0.5)
    assert np.asarray(hue)[0, 5, 0] > np.asarray(hue)[0, 5, 2]  # blue has become yellow
    with pytest.raises(ValueError, match="is not in"):
        TF.adjust_hue(PICTURE, 0.6)


@pytest.mark.parametrize("source, target", [("uint8", "float32"), ("float32", "uint8"), ("uint8", "int32"),
                                            ("int32", "uint8"), ("float32", "float64")])
def test_dtypes_are_scaled_to_their_range(source, target):
    ends = {"uint8": (0, 255), "float32": (0, 1), "float64": (0, 1), "int32": (0, 2**31 - 1)}
    image = minitorch.tensor(ends[source], dtype=getattr(minitorch, source)).view(1, 1, 2)
    low, high = transforms.ConvertImageDtype(getattr(minitorch, target))(image).flatten().tolist()
    assert low == 0 and high == pytest.approx(ends[target][1], rel=0.01)


def test_rotation():
    turned = transforms.RandomRotation((90, 90), expand=True)(PICTURE)
    np.testing.assert_array_equal(np.asarray(turned), np.rot90(PIXELS))


def test_transforms_print_their_settings():
    assert repr(transforms.Compose([transforms.Resize(8), transforms.ToTensor()])) == (
        "Compose(\n    Resize(size=8, interpolation=bilinear, max_size=None, antialias=True)\n    ToTensor()\n)")
    assert repr(transforms.RandomResizedCrop(4)) == ("RandomResizedCrop(size=(4, 4), scale=(0.08, 1.0), "
                                                     "ratio=(0.75, 1.3333), interpolation=bilinear, antialias=True)")


def test_the_second_version():
    from minitorch.vision.transforms import v2
    both = v2.Compose([v2.ToImage(), v2.ToDtype(minitorch.float32, scale=True)])
    assert (both(PICTURE) == transforms.ToTensor()(PICTURE)).all()


def test_make_grid_and_save_image():
    images = minitorch.arange(3 * 4, dtype=minitorch.float32).view(3, 1, 2, 2) / 12
    grid = utils.make_grid(images, nrow=2, padding=1, pad_value=0.5)
    assert grid.shape == (3, 7, 7) and (grid[0] == grid[2]).all()
    np.testing.assert_array_equal(grid[0, 1:3, 4:6].numpy(), images[1, 0].numpy())
    assert (grid[0, 4:, 4:] == 0.5).all()  # where a fourth picture would be
    each = utils.make_grid(list(images), normalize=True, scale_each=True)
    assert each.max() == 1 and utils.make_grid(images * 2, normalize=True, value_range=(0, 2)).max() < 1
    assert utils.make_grid(images[0]).shape == (3, 2, 2) and utils.make_grid(images[0, 0]).shape == (3, 2, 2)
    with pytest.raises(TypeError, match="tensor or list of tensors expected"):
        utils.make_grid("picture")
    file = io.BytesIO()
    utils.save_image(images, file, format="png", nrow=2)
    assert np.asarray(Image.open(file)).shape == (10, 10, 3)


def test_pictures_in_files(tmp_path):
    path = str(tmp_path / "picture.png")
    tensor = TF.pil_to_tensor(PICTURE)
    pictures.write_png(tensor, path)
    assert (pictures.read_image(path) == tensor).all()
    assert pictures.decode_image(path, mode="GRAY").shape == (1, 4, 6)
    pictures.write_jpeg(tensor, path)
    assert pictures.decode_image(path).shape == (3, 4, 6)
    PICTURE.convert("P").save(path)
    assert pictures.decode_image(path).shape == (3, 4, 6)


@pytest.mark.parametrize("name, parameters", [("resnet18", 11181642), ("resnet34", 21289802), ("resnet50", 23528522)])
def test_models(name, parameters):
    minitorch.manual_seed(0)
    model = getattr(models, name)(num_classes=10)
    assert sum(p.numel() for p in model.parameters()) == parameters
    assert list(model.state_dict())[-2:] == ["fc.weight", "fc.bias"]
    if name == "resnet18":
        model.eval()
        with minitorch.no_grad():
            assert model(minitorch.ones(1, 3, 32, 32)).shape == (1, 10)


@pytest.mark.parametrize("name, size, total", [
    ("squeezenet1_0", 52, 50983.718163), ("squeezenet1_1", 52, 49928.482016), ("densenet121", 727, 329120.790265)])
def test_models_begin_as_in_torchvision(name, size, total):
    minitorch.manual_seed(1)
    model = getattr(models, name)(num_classes=10)
    assert len(model.state_dict()) == size
    assert sum(p.double().abs().sum() for p in model.parameters()).item() == pytest.approx(total, rel=1e-9)
    with minitorch.no_grad():
        assert model(minitorch.ones(2, 3, 32, 32)).shape == (2, 10)


def test_alexnet(monkeypatch):
    monkeypatch.setattr(minitorch.nn.Linear, "reset_parameters", minitorch.nn.Module.zero_grad)  # 57 million: no draws
    model = models.alexnet(num_classes=10)
    assert [tuple(p.shape) for p in model.parameters()][-2:] == [(10, 4096), (10,)]
    with minitorch.no_grad():
        assert model(minitorch.ones(1, 3, 63, 63)).shape == (1, 10)


def test_pretrained_weights_come_from_the_cache_or_say_where_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    weights = models.ResNet18_Weights.DEFAULT
    monkeypatch.setattr("minitorch.vision.models.weights._FOLDER", "http://127.0.0.1:9/")  # nobody listens there
    with pytest.raises(RuntimeError, match="resnet18-f37072fd.pth cannot be reached"):
        models.resnet18(weights="IMAGENET1K_V1")
    with pytest.raises(TypeError, match="expected ResNet34_Weights but received ResNet18_Weights"):
        models.resnet34(weights=weights)
    minitorch.save(models.resnet18().state_dict(), str(tmp_path / "hub" / "checkpoints" / weights.value))
    model = models.resnet18(pretrained=True)
    assert model.fc.weight.shape == (1000, 512)
    assert weights.transforms()(PICTURE.resize((300, 300))).shape == (3, 224, 224)
