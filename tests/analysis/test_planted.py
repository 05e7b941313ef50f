from __future__ import annotations

import numpy as np
import pytest

from creditgraph.analysis import block_matrices, planted_communities, planted_layers, planted_structure
from creditgraph.guard import OptionError

BLOCKS = {
    "block-diagonal": [[4.0, 1.0], [1.0, 4.0]],
    "off-diagonal": [[1.0, 4.0], [4.0, 1.0]],
    "core-periphery": [[4.0, 2.0], [2.0, 1.0]],
    "none": [[1.0, 1.0], [1.0, 1.0]],
}


@pytest.mark.parametrize("place", ["weights", "wiring"])
@pytest.mark.parametrize("structure", BLOCKS)
def test_blocks_have_the_planted_ratios(structure: str, place: str) -> None:
    """Fails when a structure is in another block, another place, or of another strength than asked."""
    planted = planted_structure(structure, n=400, groups=2, strength=4.0, density=0.2, place=place, core=0.5, seed=1)
    blocks = block_matrices(planted.graph, planted.membership)
    weight, density = blocks.sum / blocks.synapses, blocks.density
    expected = np.array(BLOCKS[structure])
    changed, same = (weight, density) if place == "weights" else (density, weight)
    assert changed / changed.mean() == pytest.approx(expected / expected.mean(), rel=0.05)
    assert same / same.mean() == pytest.approx(np.ones((2, 2)), rel=0.05)
    assert density.mean() == pytest.approx(0.2, rel=0.05)
    assert abs(np.sign(planted.graph.weight).mean()) < 0.03
    assert not (planted.graph.pre == planted.graph.post).any()


def test_core_and_groups_have_their_sizes() -> None:
    """Fails when the core is another share of the neurons, or a group is left without neurons."""
    assert np.bincount(planted_structure("core-periphery", n=20, core=0.3).membership).tolist() == [6, 14]
    assert np.bincount(planted_structure("core-periphery", n=20, core=0.0).membership).tolist() == [2, 18]
    assert np.bincount(planted_structure("core-periphery", n=4).membership).tolist() == [2, 2]
    assert np.bincount(planted_structure("block-diagonal", n=20, groups=3).membership).tolist() == [7, 7, 6]


@pytest.mark.parametrize("mixing", [0.1, 0.4, 0.8])
def test_communities_mix_as_asked(mixing: float) -> None:
    """Fails when the share of synapses that leave a community, the mean degree, or sizes are not those asked for."""
    sizes = {"smallest": 80, "largest": 200}
    networks = [planted_communities(n=600, mixing=mixing, **sizes, seed=seed) for seed in range(5)]
    left, degree = [], []
    for planted in networks:
        g, own = planted.graph, planted.membership
        left.append((own[g.pre] != own[g.post]).mean())
        degree.append(g.synapses / g.n)
        assert np.bincount(own).min() >= 80
        assert np.bincount(own).max() <= 200 + 80
    assert np.mean(left) == pytest.approx(mixing, abs=0.02)
    assert np.mean(degree) == pytest.approx(15, rel=0.05)


def test_communities_have_broad_degrees_and_sizes() -> None:
    """Fails when all neurons have the same expected degree, or all communities the same size."""
    planted = planted_communities(n=1000, mean_degree=20.0, seed=0)
    out = np.bincount(planted.graph.pre, minlength=1000)
    assert out.var() > 5 * out.mean()
    assert np.ptp(np.bincount(planted.membership)) >= 20


def test_layers_mix_as_asked() -> None:
    """Fails when the share of weight between groups is another, or synapses skip a layer."""
    for groups, mixing in ((2, 0.3), (4, 0.5), (4, 0.75)):
        planted = planted_layers([80, 120, 80], groups=groups, mixing=mixing, density=0.5, seed=1)
        g, own = planted.graph, planted.membership
        across = own[g.pre] != own[g.post]
        assert np.abs(g.weight[across]).sum() / np.abs(g.weight).sum() == pytest.approx(mixing, abs=0.02)
        assert g.synapses == pytest.approx(0.5 * 2 * 80 * 120, rel=0.05)
        assert set(zip(g.layers[g.pre].tolist(), g.layers[g.post].tolist(), strict=True)) == {(0, 1), (1, 2)}


@pytest.mark.parametrize(
    "draw",
    [
        lambda seed: planted_structure("none", seed=seed),
        lambda seed: planted_communities(n=100, smallest=10, largest=30, seed=seed),
        lambda seed: planted_layers([8, 8], seed=seed),
    ],
)
def test_the_seed_decides(draw) -> None:
    """Fails when the same seed gives another network, or another seed the same."""
    assert draw(3).graph == draw(3).graph
    assert draw(3).membership.tolist() == draw(3).membership.tolist()
    assert draw(3).graph != draw(4).graph


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: planted_structure("blocks"), "structure: got 'blocks', expected one of block-diagonal"),
        (lambda: planted_structure("none", groups=40), "groups: got 40"),
        (lambda: planted_structure("none", density=0.0), "density: got 0.0, expected a number above 0"),
        (lambda: planted_structure("none", strength=0.5), "strength: got 0.5"),
        (lambda: planted_communities(n=30), "smallest: got 20, expected at most half of the 30 neurons"),
        (lambda: planted_communities(n=60), "largest: got 60"),
        (lambda: planted_communities(mixing=1.5), "mixing: got 1.5"),
        (lambda: planted_layers([4]), "sizes: got \\[4\\]"),
        (lambda: planted_layers([4, 3]), "sizes: got 3"),
    ],
)
def test_mistakes_are_told(call, message: str) -> None:
    """Fails when an impossible network is drawn or answered by a library's error."""
    with pytest.raises(OptionError, match=message):
        call()
