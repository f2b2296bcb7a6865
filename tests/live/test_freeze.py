import zlib
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkout.inference.belief import Basket, Belief
from walkout.inference.cluster import Cluster
from walkout.inference.model import Model
from walkout.inference.visit import Visit
from walkout.live.freeze import FreezeError, freeze, thaw

plain = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.decimals(allow_nan=False)
)
values = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(), inner, max_size=4)
        | st.frozensets(st.integers() | st.text(), max_size=4)
    ),
    max_leaves=12,
)


def same(a: Any, b: Any) -> bool:
    if isinstance(a, Decimal):
        return a.compare_total(b) == 0
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return type(b) is dict and list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and bool(a == b)


@given(values)
def test_what_is_frozen_comes_back(value: Any) -> None:
    data = freeze(value)
    assert same(value, thaw(data))
    assert freeze(thaw(data)) == data


def test_objects_of_this_package_and_arrays_come_back() -> None:
    cluster = Cluster((("ann", "1"),), np.array([[1], [0]]), np.log([0.25, 0.75]))
    again, model, shared = thaw(freeze((cluster, Model(beam=7), [cluster])))
    assert again.scope == cluster.scope
    assert np.array_equal(again.rows, cluster.rows)
    assert np.array_equal(again.log_p, cluster.log_p)
    assert model == Model(beam=7)
    assert shared[0] is again


def test_only_what_is_ours_is_frozen_or_made() -> None:
    with pytest.raises(FreezeError, match="right: plain values or our own"):
        freeze(object())
    good = freeze(Model())
    for data in (b"", b"x", good[:-3], good[1:]):
        with pytest.raises(FreezeError):
            thaw(data)


def test_no_class_of_another_package_is_made() -> None:
    for path in ("os:system", "subprocess:Popen", "walkout.live.freeze:orjson", "walkout.live.engine:Counter.nothing"):
        with pytest.raises(FreezeError):
            thaw(zlib.compress(orjson.dumps(["o", path])))


def test_what_an_older_release_wrote_gets_the_fields_that_came_later() -> None:
    cluster = Cluster((("ann", "1"),), np.array([[1], [0]]), np.log([0.25, 0.75]))
    belief = Belief(Visit("v", "p", ("a",), 1, 2), (), 0.5, (Basket((), 0.5),), tags=())
    tried: list[tuple[Any, str, Any]] = [
        (belief, "tags", None),
        (belief, "unseen", 0.0),
        (Model(beam=7), "beam", Model().beam),
    ]
    for made, name, default in tried:
        written = orjson.loads(zlib.decompress(freeze(made)))
        written[2:] = [pair for pair in written[2:] if pair[0] != name]
        assert thaw(zlib.compress(orjson.dumps(written))) == replace(made, **{name: default})
    written = orjson.loads(zlib.decompress(freeze(cluster)))
    with pytest.raises(FreezeError, match="without log_p, which this release cannot do without"):
        thaw(zlib.compress(orjson.dumps([one for one in written if not isinstance(one, list) or one[0] != "log_p"])))
