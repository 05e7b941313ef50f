import pandas as pd

from creditgraph.study.analyses.labels import relabelled


def test_tables_and_course_take_the_aligned_labels():
    """Guards against one colour for two communities on a page."""
    neurons = pd.DataFrame({"learning_rate": 0.1, "neuron": range(6), "community": [0, 0, 0, 0, 1, 1]})
    blocks = pd.DataFrame({"post": [0, 0, 1, 1], "pre": [0, 1, 0, 1]})
    memberships = pd.DataFrame({"learning_rate": 0.1, "neuron": range(6), "community": [5, 5, 5, 5, 2, 2]})
    # number 7 has ended by the last snapshot, -1 is no community, 3 and 4 end as the labels 5 and 2
    course = pd.DataFrame(
        {"step": [0] * 6 + [9] * 6, "neuron": [*range(6)] * 2, "community": [7, 7, 3, 3, -1, -1, 3, 3, 3, 3, 4, 4]}
    )
    found = relabelled({"neurons": neurons, "blocks": blocks, "course": course}, memberships)
    assert found["neurons"]["community"].tolist() == [5, 5, 5, 5, 2, 2]
    assert found["blocks"]["post"].tolist() == [5, 5, 2, 2]
    assert found["blocks"]["pre"].tolist() == [5, 2, 5, 2]
    assert found["course"]["community"].tolist() == [6, 6, 5, 5, -1, -1, 5, 5, 5, 5, 2, 2]
