"""ONNX files, as far as Kefu needs them: the tensors of one are read, a small graph is written and opened.

The `onnx` library would do it too, and weighs as much as a model.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
#: Type and sizes of a tensor that is given; a size may be a name.
Shape = tuple[str, Sequence[str | int]]
#: ONNX's numbers of the types that are read and written.
_TYPES: Mapping[int, str] = {1: "float32", 2: "uint8", 3: "int8", 6: "int32", 7: "int64"}
_NUMBERS = {name: number for number, name in _TYPES.items()}
_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
_GRAPH_OF_MODEL, _TENSORS_OF_GRAPH = 7, 5
_DIMS, _TYPE, _NAME, _RAW = 1, 2, 8, 9
_AN_INT, _A_FLOAT = 2, 1
_VERSION_OF_FORMAT = 8
OPERATORS = 17
#: Numbers of a matrix that share a scale.
BLOCK = 32
#: Operators that onnxruntime has beside ONNX's own.
FUSED = "com.microsoft"


def read_tensors(content: memoryview) -> dict[str, Array]:
    """The stored tensors of a model by name; those of a type that is not known here are left out. Nothing is copied."""
    graph = next(value for number, value in _fields(content) if number == _GRAPH_OF_MODEL)
    read = (_tensor(value) for number, value in _fields(graph) if number == _TENSORS_OF_GRAPH)
    return {name: array for name, array in read if array is not None}


def _tensor(content: memoryview) -> tuple[str, Array | None]:
    dims: list[int] = []
    name, kind, raw = "", 0, memoryview(b"")
    for number, value in _fields(content):
        if number == _DIMS:
            dims += [value] if isinstance(value, int) else list(_varints(value))
        elif number == _TYPE:
            kind = value
        elif number == _NAME:
            name = bytes(value).decode()
        elif number == _RAW:
            raw = value
    known = kind in _TYPES and len(raw)
    return name, np.frombuffer(raw, _TYPES[kind]).reshape(dims) if known else None


def _fields(content: memoryview) -> Iterator[tuple[int, Any]]:
    """Number and value of each field of a protocol buffer: an int, or the bytes."""
    place = 0
    while place < len(content):
        tag, place = _varint(content, place)
        kind = tag & 7
        if kind == _VARINT:
            value, place = _varint(content, place)
            yield tag >> 3, value
            continue
        if kind == _BYTES:
            length, place = _varint(content, place)
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            length = 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"not an ONNX file: a field of kind {kind}")
        yield tag >> 3, content[place : place + length]
        place += length


def _varints(content: memoryview) -> Iterator[int]:
    place = 0
    while place < len(content):
        value, place = _varint(content, place)
        yield value


def _varint(content: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7


@dataclass(frozen=True, slots=True)
class Whole:
    """A matrix (in, out) in whole numbers: `numbers` (out, blocks, BLOCK) count from 128, `scales` (out * blocks)."""

    numbers: NDArray[np.uint8]
    scales: NDArray[np.float32]

    @classmethod
    def of(cls, numbers: NDArray[np.int8], scales: NDArray[np.float32]) -> "Whole":
        """`numbers` (in, out) with a scale a column."""
        lifted = np.ascontiguousarray(numbers.T).view(np.uint8) ^ np.uint8(0x80)
        blocks = len(numbers) // BLOCK
        return cls(lifted.reshape(len(scales), blocks, BLOCK), np.repeat(scales, blocks))

    @classmethod
    def rounded(cls, matrix: NDArray[np.float32]) -> "Whole":
        """The nearest whole numbers, each block of a column by its own greatest."""
        blocks = np.ascontiguousarray(matrix.T).reshape(matrix.shape[1], -1, BLOCK)
        scales = np.maximum(np.abs(blocks).max(axis=2), np.float32(1e-12)) / np.float32(127)
        return cls((np.rint(blocks / scales[:, :, None]) + 128).astype(np.uint8), scales.ravel())


@dataclass(slots=True)
class GraphWriter:
    """A graph in the making: operators in the order in which they run, and the tensors that they hold."""

    _nodes: list[bytes] = field(default_factory=list)
    _tensors: list[bytes] = field(default_factory=list)

    def hold(self, name: str, array: Array) -> str:
        """A tensor of the model; gives its name back."""
        dims = b"".join(_number(_DIMS, size) for size in array.shape)
        kind = _number(_TYPE, _NUMBERS[array.dtype.name])
        raw = _bytes(_RAW, np.ascontiguousarray(array).tobytes())
        self._tensors.append(dims + kind + _bytes(_NAME, name.encode()) + raw)
        return name

    def run(
        self, operator: str, inputs: Sequence[str], outputs: Sequence[str], domain: str = "", **options: float
    ) -> None:
        """An operator; an input named "" is left out. `options` are ints or floats."""
        names = [_bytes(1, name.encode()) for name in inputs] + [_bytes(2, name.encode()) for name in outputs]
        rest = [_bytes(4, operator.encode()), *(_bytes(5, _option(*one)) for one in options.items())]
        self._nodes.append(b"".join([*names, *rest, _bytes(7, domain.encode())]))

    def multiply(self, given: str, weight: Whole, result: str) -> str:
        """`given` times a matrix in whole numbers; gives the name of the result.

        What is given is rounded to 8 bits too, in the same blocks, each with its own scale.
        """
        outside, blocks, block = weight.numbers.shape
        held = [self.hold(f"{result}.weight", weight.numbers), self.hold(f"{result}.scales", weight.scales)]
        sizes = {"K": blocks * block, "N": outside, "bits": 8, "block_size": block, "accuracy_level": 4}
        self.run("MatMulNBits", [given, *held], [result], FUSED, **sizes)
        return result

    def model(self, inputs: Mapping[str, Shape], output: str) -> bytes:
        """The file; `output` is a float32 tensor."""
        given = [_bytes(11, _value(name, *facts)) for name, facts in inputs.items()]
        nodes = [_bytes(1, node) for node in self._nodes]
        tensors = [_bytes(_TENSORS_OF_GRAPH, tensor) for tensor in self._tensors]
        result = _bytes(12, _value(output, "float32", ()))
        graph = b"".join([*nodes, _bytes(2, b"kefu"), *tensors, *given, result])
        sets = (_bytes(1, domain.encode()) + _number(2, version) for domain, version in (("", OPERATORS), (FUSED, 1)))
        versions = b"".join(_bytes(8, one) for one in sets)
        return _number(1, _VERSION_OF_FORMAT) + _bytes(_GRAPH_OF_MODEL, graph) + versions


def open_session(model: bytes) -> Any:
    """What runs the model, on the thread that calls."""
    runtime: Any = import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _option(name: str, value: float) -> bytes:
    known = _bytes(1, name.encode())
    if isinstance(value, int):
        return known + _number(3, value) + _number(20, _AN_INT)
    return known + _tag(2, _FOUR_BYTES) + struct.pack("<f", value) + _number(20, _A_FLOAT)


def _value(name: str, kind: str, shape: Iterable[str | int]) -> bytes:
    sizes = (_number(1, size) if isinstance(size, int) else _bytes(2, size.encode()) for size in shape)
    dims = b"".join(_bytes(1, size) for size in sizes)
    tensor = _number(1, _NUMBERS[kind]) + (_bytes(2, dims) if dims else b"")
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, tensor))


def _number(field_number: int, value: int) -> bytes:
    return _tag(field_number, _VARINT) + _packed(value)


def _bytes(field_number: int, content: bytes) -> bytes:
    return _tag(field_number, _BYTES) + _packed(len(content)) + content


def _tag(field_number: int, kind: int) -> bytes:
    return _packed(field_number << 3 | kind)


def _packed(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
