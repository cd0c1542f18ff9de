"""Takes what a Go program stored apart, into the bytes of each value of the session.

By hand, from the description of gob's wire format, and of no use for anything but comparing: it is
a witness of what sessio's own codec leaves unchanged. Type ids are replaced by what they stand
for, because Go numbers its types anew in every process.
"""

from typing import Any, NamedTuple

BOOL, INT, UINT, FLOAT, BYTES, STRING, COMPLEX, INTERFACE = range(1, 9)
WIRE = 16
# Of the types that definitions are made of: their fields, or the element of a slice.
BUILT_IN: dict[int, tuple[Any, ...]] = {
    WIRE: ("struct", [("Array", 17), ("Slice", 19), ("Struct", 20), ("Map", 23)]
           + [(name, 24) for name in ("GobEncoder", "BinaryMarshaler", "TextMarshaler")]),
    17: ("struct", [("Common", 18), ("Elem", INT), ("Len", INT)]),
    18: ("struct", [("Name", STRING), ("Id", INT)]),
    19: ("struct", [("Common", 18), ("Elem", INT)]),
    20: ("struct", [("Common", 18), ("Fields", 22)]),
    21: ("struct", [("Name", STRING), ("Id", INT)]),
    22: ("slice", 21),
    23: ("struct", [("Common", 18), ("Key", INT), ("Elem", INT)]),
    24: ("struct", [("Common", 18)]),
}  # fmt: skip
NAMES = ("bool", "int", "uint", "float", "bytes", "string", "complex", "interface")
BASIC = {id: (name,) for id, name in enumerate(NAMES, start=1)}


class Part(NamedTuple):
    """A value of an interface type: its name, its type spelled out, and its bytes, in order."""

    name: str
    type: str
    value: Any


def number(raw: bytes) -> int:
    """An unsigned integer, as gob writes it."""
    return raw[0] if raw[0] < 0x80 else int.from_bytes(raw[1:])


def signed(raw: bytes) -> int:
    """A signed one."""
    half, is_negative = divmod(number(raw), 2)
    return ~half if is_negative else half


class Splitter:
    """Reads one stored document."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0
        self.end = 0
        self.types: dict[int, tuple[Any, ...]] = BASIC | BUILT_IN

    def document(self) -> Any:
        """The one value of the whole."""
        id = self.type_of_value()
        if self.types[id][0] != "struct":
            self.expect(b"\0")
        value = self.value(id)
        if self.place != len(self.data):
            raise ValueError(f"{len(self.data) - self.place} bytes are left over")
        return value

    def type_of_value(self) -> int:
        """The type of what follows; the definitions before it are taken out."""
        while True:
            if self.place == self.end:
                length = number(self.uint())
                self.end = self.place + length
            id = signed(self.uint())
            if id >= 0:
                return id
            self.define(-id)
            if self.place < self.end:
                # A definition within a value: the length of what follows was written before it.
                self.uint()

    def define(self, id: int) -> None:
        [(kind, of)] = self.value(WIRE)
        found = dict(of)

        def type_in(field: str) -> int:
            return signed(found[field])

        match kind:
            case "Array":
                self.types[id] = ("array", type_in("Elem"), type_in("Len"))
            case "Slice":
                self.types[id] = ("slice", type_in("Elem"))
            case "Map":
                self.types[id] = ("map", type_in("Key"), type_in("Elem"))
            case "Struct":
                fields = [dict(field) for field in found.get("Fields", [])]
                names = [(field["Name"][1:].decode(), signed(field["Id"])) for field in fields]
                self.types[id] = ("struct", names)
            case _:
                self.types[id] = ("opaque",)

    def value(self, id: int) -> Any:
        """Of a type: bytes, or a list of its parts, or of pairs."""
        match self.types[id]:
            case ("bool" | "int" | "uint" | "float",):
                return self.uint()
            case ("complex",):
                return self.uint() + self.uint()
            case ("bytes" | "string" | "opaque",):
                return self.text()
            case ("interface",):
                return self.interface()
            case ("slice" | "array", elem, *_):
                return [self.value(elem) for _ in range(number(self.uint()))]
            case ("map", key, elem):
                count = number(self.uint())
                return ("map", [(self.value(key), self.value(elem)) for _ in range(count)])
            case ("struct", fields):
                return self.struct(fields)

    def struct(self, fields: list[tuple[str, int]]) -> list[tuple[str, Any]]:
        """The fields that are not zero; each tells how far it is from the one before."""
        found, index = [], -1
        while delta := number(self.uint()):
            index += delta
            name, id = fields[index]
            found.append((name, self.value(id)))
        return found

    def interface(self) -> Part:
        name = self.text()
        if name == b"\0":
            return Part("nil", "", b"")
        id = self.type_of_value()
        self.uint()
        if self.types[id][0] != "struct":
            self.expect(b"\0")
        return Part(name[1:].decode(), self.spelled(id, ()), self.value(id))

    def spelled(self, id: int, within: tuple[int, ...]) -> str:
        """A type without ids. A type that contains itself is spelled once."""
        if id in within:
            return f"<{within[::-1].index(id)} up>"
        within = (*within, id)
        match self.types[id]:
            case ("struct", fields):
                inner = [f"{name} {self.spelled(field, within)}" for name, field in fields]
            case ("array", elem, length):
                inner = [self.spelled(elem, within), str(length)]
            case (_, *ids):
                inner = [self.spelled(part, within) for part in ids]
        kind = self.types[id][0]
        return f"{kind}({', '.join(inner)})" if inner else kind

    def text(self) -> bytes:
        length = self.uint()
        return length + self.take(number(length))

    def uint(self) -> bytes:
        first = self.take(1)
        return first if first[0] < 0x80 else first + self.take(0x100 - first[0])

    def expect(self, wanted: bytes) -> None:
        if (found := self.take(len(wanted))) != wanted:
            raise ValueError(f"{found.hex()} stands where {wanted.hex()} must")

    def take(self, count: int) -> bytes:
        taken = self.data[self.place : self.place + count]
        if len(taken) != count:
            raise ValueError("it ends too early")
        self.place += count
        return taken


def scs_values(data: bytes) -> dict[str, Part]:
    """What SCS stored: the values by their keys."""
    fields = dict(Splitter(data).document())
    return {key[1:].decode(): part for key, part in fields.get("Values", ("map", []))[1]}


def beego_values(data: bytes) -> dict[str, Part]:
    """What beego stored, whose keys are values themselves: here they are all text."""
    pairs = Splitter(data).document()[1] if data else []
    return {key.value[1:].decode(): part for key, part in pairs}


def unordered(part: Any) -> Any:
    """The same with its maps in a fixed order: Go writes them in another one each time."""
    if isinstance(part, Part):
        return Part(part.name, part.type, unordered(part.value))
    match part:
        case ("map", [*pairs]):
            return (
                "map",
                sorted(((unordered(key), unordered(value)) for key, value in pairs), key=repr),
            )
        case list():
            return [unordered(each) for each in part]
        case (str() as field, value):
            return (field, unordered(value))
    return part
