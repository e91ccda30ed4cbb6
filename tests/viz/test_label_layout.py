"""Where numbers stand on lines between two columns of circles."""

from autograd.viz.label_layout import place_labels


def test_numbers_that_find_no_room_are_left_out():
    lines = [(0.0, 0.0), (0.0, 0.1), (0.0, 0.2)]
    assert place_labels(lines, [0.6] * 3, 0.2, column=4.0, radius=0.4).missing == 0
    few = place_labels(lines, [0.6] * 3, 0.2, column=1.6, radius=0.4)
    assert (few.missing, few.at.count(None)) == (2, 2)
    assert place_labels(lines, [0.6] * 3, 0.2, column=1.0, radius=0.4).at == [None] * 3


def test_a_number_stands_where_no_other_line_runs_behind_it_if_there_is_such_a_place():
    crossing = [(1.0, -1.0), (-1.0, 1.0)]
    placement = place_labels(crossing, [0.5, 0.5], 0.2, column=3.0, radius=0.4)
    assert (placement.missing, placement.crossed) == (0, 0)
    assert place_labels([], [], 0.2, column=3.0, radius=0.4) == ([], 0, 0)
