"""XSD by libxml2, which is on most machines; the package needs no XML library for itself."""

import ctypes
import ctypes.util
from typing import Any

import pytest

HOW = "no libxml2 here: apt install libxml2"


def _library() -> Any:
    name = ctypes.util.find_library("xml2")
    if name is None:
        pytest.skip(HOW)
    found = ctypes.CDLL(name)
    for each in ("xmlReadMemory", "xmlSchemaNewMemParserCtxt", "xmlSchemaParse", "xmlSchemaNewValidCtxt"):
        getattr(found, each).restype = ctypes.c_void_p
    return found


def valid(schema: bytes, document: bytes) -> bool:
    """Whether a document is valid; a schema that is none is an AssertionError."""
    xml = _library()
    doc = xml.xmlReadMemory(document, len(document), b"d.xml", None, 0x20 | 0x40)
    context = xml.xmlSchemaNewMemParserCtxt(schema, len(schema))
    parsed = xml.xmlSchemaParse(ctypes.c_void_p(context))
    assert parsed, "the XSD itself is wrong"
    assert doc, "no XML"
    checking = xml.xmlSchemaNewValidCtxt(ctypes.c_void_p(parsed))
    result = xml.xmlSchemaValidateDoc(ctypes.c_void_p(checking), ctypes.c_void_p(doc))
    xml.xmlSchemaFreeValidCtxt(ctypes.c_void_p(checking))
    xml.xmlSchemaFree(ctypes.c_void_p(parsed))
    xml.xmlFreeDoc(ctypes.c_void_p(doc))
    return bool(result == 0)
