"""What a stranger on the network sent, read as XML without trusting it.

No document type, so no entity that grows or that reads a file; the size is bounded by whoever
received it. Elements are looked for by their local names: namespaces differ between versions of
ONVIF, and makers mix them.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring


class Unreadable(Exception):
    """What came is no XML of any use."""


def read(data: bytes) -> Element:
    """The root element. Raises ``Unreadable``."""
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unreadable(type(error).__name__) from error
    return root


def every(root: Element, name: str) -> Iterator[Element]:
    """The elements of a local name below ``root``, in the order of the document."""
    return (
        element
        for element in root.iter()
        if isinstance(element.tag, str) and element.tag.rpartition("}")[2] == name
    )


def first(root: Element, *path: str) -> Element | None:
    """The first element below ``root`` down a path of local names, each anywhere below the last."""
    at: Element | None = root
    for name in path:
        at = None if at is None else next(every(at, name), None)
    return at


def text(root: Element, *path: str) -> str:
    """The text of that element, trimmed; empty where there is none."""
    found = first(root, *path)
    return "" if found is None or found.text is None else found.text.strip()
