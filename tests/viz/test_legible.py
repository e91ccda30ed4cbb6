"""Whatever is written in a picture can be read: on a light page and on a dark one, in whatever font the reader has."""

import pytest

from tests.helpers.pictures import KINDS, PAGES, contrast, words


@pytest.mark.parametrize("kind", KINDS)
def test_every_word_stands_out_from_what_is_behind_it(renderer, kind):
    written = words(KINDS[kind]().svg)
    assert written
    ratios = [(word.text, page, round(contrast(word, page), 2)) for word in written for page in PAGES]
    assert [ratio for ratio in ratios if ratio[-1] < 4.5] == []
