"""Each operator against values, one field at a time: what meets a condition and what does not."""

# ruff: noqa: RUF001 - letters that look alike are the point here

from __future__ import annotations

import json
from typing import Any

import pytest
from slow_pattern import accepts

from pytest_eventbridge import EventPattern

# The conditions of a field, values that meet one of them, and values that meet none.
TABLE: list[tuple[list[Any], list[Any], list[Any]]] = [
    # Literals.
    (["up"], ["up"], ["Up", "up ", "", None, True, 0, "u"]),
    ([""], [""], [" ", None, False, 0]),
    ([None], [None], ["null", "", False, 0]),
    ([True], [True], ["true", 1, 1.0, False, None]),
    ([False], [False], ["false", 0, None, ""]),
    (["null", "true", "7"], ["null", "true", "7"], [None, True, 7]),
    (["é"], ["é"], ["e\u0301", "É", "e"]),
    (["😀"], ["😀"], ["😁", "??"]),
    # Numbers: by value, whatever their form; in full digits where no double holds them.
    ([5], [5, 5.0, 5e0], ["5", True, 5.000001, -5]),
    ([0], [0, -0.0, 0.0], [False, None, "", "0"]),
    ([-2.5e1], [-25, -25.0], [25, "-25"]),
    ([1e100], [10**100, 1e100], [10**100 + 1]),
    ([5000000001], [5000000001, 5000000001.0], [5000000000]),
    ([0.1], [0.1], [0.1000001, "0.1"]),
    ([0.3], [0.3], [0.30000000000000004]),
    ([2**53 + 1], [2**53 + 1], [2**53, float(2**53), 2**53 + 2]),
    ([12345678901234567891], [12345678901234567891], [12345678901234567890, 1.2345678901234568e19]),
    ([123456789012], [123456789012, 123456789012.0], ["123456789012"]),
    # Text at either end.
    ([{"prefix": "zoo"}], ["zoo", "zookeeper"], ["Zoo", "azoo", "zo", 5, None, True]),
    ([{"prefix": ""}], ["", "x"], [5, None, True, False]),
    ([{"prefix": "5"}], ["5", "52"], [5, 52]),
    ([{"suffix": "er"}], ["er", "checker"], ["erx", "ER", "r", 5, None]),
    ([{"suffix": ""}], ["", "x"], [5, None]),
    ([{"suffix": "雨"}], ["雨", "大雨"], ["雨大", "雪"]),
    ([{"suffix": "\u00a9"}], ["\u00a9"], ["\u0229", "é"]),
    ([{"prefix": {"equals-ignore-case": "alter"}}], ["ALTER x", "aLtEr"], ["alte", "xalter", 5]),
    ([{"prefix": {"equals-ignore-case": ""}}], ["", "x"], [5, None]),
    ([{"suffix": {"equals-ignore-case": ".PnG"}}], [".png", "a.PNG"], ["png", ".png "]),
    ([{"suffix": {"equals-ignore-case": "1aA*†Éⱥ"}}], ["x1Aa*†éȺ", "1aa*†Éⱥ"], ["1aA*†Eⱥ", "1aA†Éⱥ"]),
    # Either case of each character of the pattern, whatever its length.
    ([{"equals-ignore-case": "aBc"}], ["abc", "ABC", "AbC"], ["aabc", "ab", "abcd", 5, None]),
    ([{"equals-ignore-case": ""}], [""], ["x", None]),
    ([{"equals-ignore-case": "ß"}], ["ß", "SS"], ["ss", "Ss", "ẞ"]),
    ([{"equals-ignore-case": "ẞ"}], ["ẞ", "ß"], ["SS", "ss"]),
    ([{"equals-ignore-case": "SS"}], ["ss", "SS", "sS"], ["ß"]),
    ([{"equals-ignore-case": "İ"}], ["İ", "i\u0307"], ["i", "I"]),
    ([{"equals-ignore-case": "i"}], ["i", "I"], ["İ", "ı"]),
    ([{"equals-ignore-case": "ı"}], ["ı", "I"], ["i"]),
    ([{"equals-ignore-case": "ſ"}], ["ſ", "S"], ["s"]),
    ([{"equals-ignore-case": "s"}], ["s", "S"], ["ſ"]),
    ([{"equals-ignore-case": "K"}], ["K", "k"], ["\u212a"]),
    ([{"equals-ignore-case": "\u212a"}], ["\u212a", "k"], ["K"]),
    ([{"equals-ignore-case": "Σ"}], ["Σ", "σ"], ["ς"]),
    ([{"equals-ignore-case": "ς"}], ["ς", "Σ"], ["σ"]),
    ([{"equals-ignore-case": "ΰ"}], ["ΰ", "\u03a5\u0308\u0301"], ["\u03cd"]),
    ([{"equals-ignore-case": "ŉ"}], ["ŉ", "\u02bcN"], ["\u02bcn"]),
    ([{"equals-ignore-case": "ﬀ"}], ["ﬀ", "FF"], ["ff"]),
    ([{"equals-ignore-case": "Ⱥ"}], ["Ⱥ", "ⱥ"], ["A"]),
    # Wildcards.
    ([{"wildcard": "*"}], ["", "x", "a\nb", "*"], [5, None, True]),
    ([{"wildcard": ""}], [""], ["x", " "]),
    ([{"wildcard": "*bc"}], ["bc", "abc", "bcbc"], ["bcd", "c"]),
    ([{"wildcard": "d*ff"}], ["dff", "dexeff"], ["df", "dexef", "xdff"]),
    ([{"wildcard": "12*4*"}], ["124", "12345", "12344"], ["1235", "412"]),
    ([{"wildcard": "a*a"}], ["aa", "aba", "aaa"], ["a", "ab"]),
    ([{"wildcard": "ab*ba"}], ["abba", "abxba"], ["aba", "ab", "ba"]),
    ([{"wildcard": "*b*b*"}], ["bb", "abcbd"], ["b", "abc"]),
    ([{"wildcard": "*é*"}], ["é", "xéy"], ["è", "e"]),
    ([{"wildcard": "\\*"}], ["*"], ["\\*", "", "x"]),
    ([{"wildcard": "\\\\"}], ["\\"], ["\\\\", ""]),
    ([{"wildcard": "\\\\*"}], ["\\", "\\x"], ["*", "x"]),
    ([{"wildcard": "\\\\\\*"}], ["\\*"], ["\\", "\\x"]),
    ([{"wildcard": "\\**"}], ["*", "*x", "**"], ["x", ""]),
    ([{"wildcard": "*\\*"}], ["*", "x*"], ["x", ""]),
    ([{"wildcard": "a?[b]."}], ["a?[b]."], ["axb.", "ax[b]x"]),
    # Anything but: other types pass, and one element of an array that passes is enough.
    ([{"anything-but": "lost"}], ["found", "LOST", "", 5, None, True, ["lost", "x"]], ["lost", ["lost"], [], {}]),
    ([{"anything-but": ["a", "b"]}], ["c", "", 1, ["a", "c"]], ["a", "b", ["a", "b"], [["a"], "b"]]),
    ([{"anything-but": 5}], [6, "5", None, True, 5.1], [5, 5.0]),
    ([{"anything-but": [1, 2.50]}], [3, "1", True, "2.5"], [1, 1.0, 2.5]),
    ([{"anything-but": 0}], [False, "0", None], [0, -0.0, 0.0]),
    ([{"anything-but": ["5", "x"]}], [5, "y"], ["5", "x"]),
    ([{"anything-but": "::1"}], ["0:0:0:0:0:0:0:1", "::2"], ["::1"]),
    ([{"anything-but": {"prefix": "init"}}], ["xinit", "Init", "ini", 5, None], ["init", "initializing"]),
    ([{"anything-but": {"prefix": ["a", "bc"]}}], ["b", "cab", ""], ["a", "ab", "bcd"]),
    ([{"anything-but": {"suffix": "ing"}}], ["ingx", "ng", 5, True], ["ing", "running"]),
    ([{"anything-but": {"suffix": ["雨", "x"]}}], ["雨a", ""], ["大雨", "xx"]),
    ([{"anything-but": {"equals-ignore-case": "Yes"}}], ["yess", "", 5, None], ["YES", "yes"]),
    ([{"anything-but": {"equals-ignore-case": ["", "ß"]}}], ["ss", "x"], ["", "SS", "ß"]),
    ([{"anything-but": {"wildcard": "*/bin/*.jar"}}], ["/bin/x", "a.jar", 5], ["/bin/.jar", "/usr/bin/x.jar"]),
    ([{"anything-but": {"wildcard": ["a*", "*z", ""]}}], ["b", "zb"], ["a", "xz", "az", ""]),
    ([{"anything-but": {"wildcard": "*"}}], [5, None, True], ["", "x"]),
    ([{"anything-but": "a"}, {"anything-but": "b"}], ["a", "b", "c"], [[], {}]),
    # Numeric ranges: JSON numbers only, compared as doubles.
    ([{"numeric": ["=", 3.018e2]}], [301.8], ["301.8", 301.80000001]),
    ([{"numeric": ["=", 0]}], [0, -0.0], [False, "0", None]),
    ([{"numeric": [">", 0, "<=", 5]}], [5, 0.000001, 1e-320], [0, 5.0000001, "3", True, None]),
    ([{"numeric": [">=", 0, "<", 5]}], [0, -0.0, 4.999999999], [5, -1e-300]),
    ([{"numeric": ["<", 5e9]}], [-1e300, 4999999999], [5000000000, 1e300]),
    ([{"numeric": [">", -1e300]}], [1e300, 10**308, -(10**299)], [-1e300, 10**400, 2**53 + 1]),
    ([{"numeric": [">=", 1e22]}], [10**22, 1e23], [10**22 - 10**10]),
    ([{"numeric": ["<=", -4e-6]}], [-4e-6, -1], [-3.9e-6, 0]),
    # Addresses.
    ([{"cidr": "10.0.0.0/24"}], ["10.0.0.0", "10.0.0.255", "010.0.0.7"], ["10.0.1.0", "9.255.255.255", "10.0.0", ""]),
    # Whatever stands in the bits that vary, the block begins where they are all zero.
    ([{"cidr": "54.240.196.171/24"}], ["54.240.196.0", "54.240.196.170", "54.240.196.255"], ["54.240.195.255"]),
    ([{"cidr": "255.255.255.255/31"}], ["255.255.255.254", "255.255.255.255"], ["255.255.255.253"]),
    ([{"cidr": "10.0.0.1/0"}], ["0.0.0.0", "255.255.255.255", 1], ["x", "-1", -1, True, None]),
    ([{"cidr": "13.32.0.9/15"}], ["13.32.0.0", "13.33.255.255"], ["13.34.0.0", "13.31.255.255"]),
    ([{"cidr": "34.192.77.1/12"}], ["34.192.0.0", "34.207.255.255"], ["34.208.0.0"]),
    ([{"cidr": "2001:db8::ff00:42:8329/24"}], ["2001:d00::", "2001:dff:ffff::1"], ["2001:e00::", "2001:cff::"]),
    ([{"cidr": "2600:1F14::/35"}], ["2600:1f14:1fff::", "2600:1F14:0:0:0:0:0:9"], ["2600:1f14:2000::"]),
    ([{"cidr": "::9/124"}], ["::", "::f", "0:0:0:0:0:0:0:8"], ["::10", "::1:0"]),
    ([{"cidr": "::ffff:a00:99/24"}], ["10.0.0.1", "::ffff:a00:1"], ["10.0.1.0"]),
    (["192.0.2.0"], ["192.0.2.0", "192.0.2.000", "::ffff:c000:200", "c000:200::"], ["192.0.2.1", "c000:201::", 192]),
    (["255.255.255.255"], ["255.255.255.255"], ["255.255.255.254", "ffff:ffff::1:1x"]),
    (["::9"], ["::9", "0::0009", "0:0:0:0:0:0:0:9"], ["::a", "::8"]),
    (["2400:6500:FF00::36FB:1F8F"], ["2400:6500:ff00:0::36fb:1f8f"], ["2400:6500:ff00::36fb:1f8e"]),
    (["08:23"], ["08:23"], ["8:23"]),
    (["1.2.3.400"], ["1.2.3.400"], ["1.2.3.4"]),
    (["10.0.0.1", {"prefix": "10.0"}], ["10.0.0.1", "10.0.9.9", "::ffff:a00:1"], ["10.1.0.0"]),
    ([{"cidr": "10.0.0.0/8"}, {"anything-but": "10.9.9.9"}], ["10.9.9.9", "11.0.0.0", "x", 5], [[], {}]),
    ([{"numeric": [">", 5]}, {"cidr": "10.0.0.0/8"}], [6, "10.1.1.1"], [5, "11.0.0.0"]),
    ([{"exactly": "10.0.0.1"}], ["10.0.0.1"], ["010.0.0.1", "::ffff:a00:1"]),
    # Existence is a matter of leaves.
    (
        [{"exists": True}],
        [None, "", 0, False, "x", [None], [{}, 3], [[[""]]]],
        [{}, [], [[]], [{}], {"x": 1}, [{"x": 1}]],
    ),
    ([{"exists": False}], [{}, [], [[]], [{}], {"x": 1}, [{"x": 1}]], [None, "", 0, False, [None], [{}, 3], [[[""]]]]),
    ([{"exists": False}, "x"], ["x", {}, []], ["y", ["y"], None]),
    # Lists are alternatives; an array stands for each of its elements, at any depth.
    (
        ["a", 5, None, {"suffix": "z"}],
        ["a", 5.0, None, "xz", [1, [["a"]]], ["b", None]],
        ["b", "5", True, [1, "q"], []],
    ),
]


@pytest.mark.parametrize(
    ("conditions", "value", "expected"),
    [
        pytest.param(conditions, value, expected, id=f"{json.dumps(conditions)}-{json.dumps(value)}"[:90])
        for conditions, matching, others in TABLE
        for expected, values in ((True, matching), (False, others))
        for value in values
    ],
)
def test_verdict(conditions: list[Any], value: Any, expected: bool) -> None:
    """The verdict is as told, beside other fields and without them, and the explanation agrees."""
    for pattern in ({"detail": {"state": conditions}}, {"detail.state": conditions, "detail": {"other": [1]}}):
        compiled = EventPattern(pattern)
        event = {"detail": {"state": value, "other": 1}}
        assert compiled.matches(event) == expected
        assert (compiled.explain(event) == "The event matches.") == expected


def test_the_slow_implementation_agrees() -> None:
    """The second implementation says the same of each leaf, so that it can be trusted with random ones."""
    for conditions, matching, others in TABLE:
        for expected, values in ((True, matching), (False, others)):
            for value in values:
                if not isinstance(value, (dict, list)) and not any(_is_absence(one) for one in conditions):
                    assert any(accepts(one, value) for one in conditions) == expected, (conditions, value)


def _is_absence(condition: Any) -> bool:
    return isinstance(condition, dict) and condition == {"exists": False}


@pytest.mark.parametrize(
    ("pattern", "number", "expected"),
    [
        ("[1.0000000000000001]", "1.0000000000000001", False),
        ("[1e309]", "1e309", False),
        ("[1e-400]", "1e-400", False),
        ("[1e2]", "100", True),
        ("[100.000]", "1.0E+2", True),
        ("[-0]", "0", True),
        ("[-0.0]", "-0", True),
        ("[4.9e-324]", "4.9e-324", True),
        ("[4.9e-324]", "5e-324", True),
        ("[5e-324]", "5e-324", False),
        ('[{"numeric": ["=", 1E-320]}]', "1e-320", True),
        ('[{"numeric": ["=", 0.1]}]', "0.1000000000000000055", True),
        ("[9007199254740993]", "9007199254740992", False),
        ("[9007199254740993]", "9007199254740993", True),
        ("[9007199254740993.0]", "9007199254740993", False),
    ],
)
def test_number_text(pattern: str, number: str, expected: bool) -> None:
    """Numbers as JSON texts: the pattern keeps its digits, an event's decimals are doubles."""
    assert EventPattern(f'{{"n": {pattern}}}').matches({"n": json.loads(number)}) == expected
