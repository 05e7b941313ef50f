from __future__ import annotations

import pytest
import torch

from creditgraph.guard import OptionError
from creditgraph.train.equilibrium import (
    EquilibriumError,
    EquilibriumReport,
    EquilibriumWarning,
    enforce,
    fixed_point,
    solve_credits,
)


def settle(step, start, **options):
    return fixed_point(step, start, **{"tolerance": 1e-12, "max_steps": 100, "floor": 1.0, **options})


def test_samples_settle_at_their_own_fixed_points():
    """Guards against a wrong fixed point or step count: z -> z/2 + 1 has 2, and halves its distance each step."""
    start = torch.tensor([[[2.0], [10.0]]], dtype=torch.float64)
    state, report = settle(lambda z: z / 2 + 1, start)
    torch.testing.assert_close(state, torch.full_like(start, 2), rtol=0, atol=1e-11)
    assert report.converged.all()
    assert report.steps[0, 0] == 1
    # the change in step k is 8 / 2^k and must fall to 2e-12
    assert report.steps[0, 1] == 42
    assert report.residual.max() <= 1e-12


def test_a_settled_sample_is_not_touched_again():
    """Guards against results that depend on the other samples in the batch."""
    slow_and_fast = torch.tensor([[[3.0], [1e-13]]], dtype=torch.float64)
    state, report = settle(lambda z: z * 0.9, slow_and_fast, max_steps=1000)
    alone, _ = settle(lambda z: z * 0.9, slow_and_fast[:, 1:], max_steps=1000)
    assert report.steps[0, 0] > report.steps[0, 1]
    assert torch.equal(state[:, 1:], alone)


def test_oscillation_and_runaway_are_reported_and_stay_finite():
    """Guards against NaN or infinity in states, or an oscillation that passes for an equilibrium."""
    start = torch.tensor([[[1.0], [1e200]]], dtype=torch.float64)
    factor = torch.tensor([[[-1.0], [1e60]]], dtype=torch.float64)
    state, report = settle(lambda z: z * factor, start)
    assert report.converged.tolist() == [[False, False]]
    assert report.unconverged.tolist() == [2]
    assert report.residual.tolist() == [[2.0, torch.inf]]
    assert report.steps.tolist() == [[100, 2]]
    assert torch.isfinite(state).all()


def test_direct_solve_of_two_neurons_by_hand():
    """Guards against a transpose: c1 = w21 f2 c2 + 1, c2 = w12 f1 c1 + 2 with w12 = 1/2, w21 = 1/4, f = (1, 2).

    c1 = c2 / 2 + 1 and c2 = c1 / 2 + 2 give c1 = 8/3, c2 = 10/3.
    """
    weights = torch.tensor([[[0.0, 0.5], [0.25, 0.0]]], dtype=torch.float64)
    balances = torch.tensor([[[1.0, 2.0]]], dtype=torch.float64)
    injected = torch.tensor([[[1.0, 2.0]]], dtype=torch.float64)
    credits, report = solve_credits(weights, balances, injected, tolerance=1e-12)
    torch.testing.assert_close(credits, torch.tensor([[[8 / 3, 10 / 3]]], dtype=torch.float64))
    assert report.converged.all()
    assert report.steps.eq(0).all()


def test_a_singular_equation_is_reported():
    """Guards against infinite credits: c = c + 1 has no solution."""
    one = torch.ones(1, 1, 1, dtype=torch.float64)
    credits, report = solve_credits(one, one, one, tolerance=1e-12)
    assert not report.converged.any()
    assert report.residual.item() == torch.inf
    assert credits.item() == 0


def test_direct_solve_in_chunks(monkeypatch):
    """Guards against samples lost or mixed where the batch is solved in parts."""
    generator = torch.Generator().manual_seed(0)
    weights = 0.2 * torch.randn(2, 4, 4, generator=generator, dtype=torch.float64)
    balances = torch.rand(2, 7, 4, generator=generator, dtype=torch.float64)
    injected = torch.randn(2, 7, 4, generator=generator, dtype=torch.float64)
    whole, _ = solve_credits(weights, balances, injected, tolerance=1e-12)
    monkeypatch.setattr("creditgraph.train.equilibrium.SOLVE_BYTES", 3 * 4 * 4 * 8)
    parts, report = solve_credits(weights, balances, injected, tolerance=1e-12)
    assert report.converged.all()
    torch.testing.assert_close(parts, whole, rtol=1e-13, atol=1e-15)


def report_of(converged):
    found = torch.tensor([converged])
    codes = torch.where(found, 0, 3)
    return EquilibriumReport(found, torch.where(found, 0.0, 2.0), torch.full(found.shape, 9), codes, codes * 0)


def test_policies():
    """Guards against a sample without an equilibrium that is passed on in silence."""
    with pytest.raises(
        EquilibriumError, match=r"1 of 3 samples found no equilibrium of the rates in at most 9 steps.*max_steps"
    ):
        enforce(report_of([True, False, True]), "rates", "raise", reported=True)
    for policy in ("skip", "keep"):
        enforce(report_of([True, False, True]), "rates", policy, reported=True)
        with pytest.warns(EquilibriumWarning, match="1 of 3 samples"):
            enforce(report_of([True, False, True]), "rates", policy, reported=False)
    enforce(report_of([True, True]), "rates", "raise", reported=False)


def contraction(members, batch, n, radius, seed=0):
    """A linear step towards random fixed points, its matrix scaled to a spectral radius, and those fixed points."""
    generator = torch.Generator().manual_seed(seed)
    matrix = torch.randn(members, n, n, generator=generator, dtype=torch.float64)
    matrix *= (radius / torch.linalg.eigvals(matrix).abs().amax(-1))[:, None, None]
    offset = torch.randn(members, batch, n, generator=generator, dtype=torch.float64)
    solution = torch.linalg.solve(torch.eye(n, dtype=torch.float64) - matrix, offset.mT).mT
    return (lambda z: torch.baddbmm(offset, z, matrix.mT)), torch.zeros_like(offset), solution


def test_anderson_finds_the_fixed_points_of_iteration_in_fewer_steps():
    """Guards against an acceleration that rests elsewhere, mixes samples, or saves nothing."""
    step, start, solution = contraction(2, 5, 20, 0.95)
    plain, slow = settle(step, start, max_steps=2000)
    fast, accelerated = settle(step, start, max_steps=2000, method="anderson")
    assert slow.converged.all()
    assert accelerated.converged.all()
    torch.testing.assert_close(plain, solution, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(fast, solution, rtol=1e-10, atol=1e-10)
    assert (accelerated.steps < 0.5 * slow.steps).all()
    alone, _ = fixed_point(
        lambda z: step(z.expand(2, 5, 20))[:1, 1:2],
        start[:1, 1:2],
        tolerance=1e-12,
        max_steps=2000,
        floor=1.0,
        method="anderson",
    )
    torch.testing.assert_close(fast[:1, 1:2], alone, rtol=1e-11, atol=1e-11)


def test_anderson_reports_what_it_cannot_find_by_the_dynamics():
    """Guards against a failed acceleration that keeps its last guess: z -> z^2 + 1 has no real fixed point."""
    start = torch.zeros(1, 1, 1, dtype=torch.float64)
    state, report = settle(lambda z: z * z + 1, start, method="anderson")
    assert report.behaviours.tolist() == [["runaway"]]
    assert torch.isfinite(state).all()
    with pytest.raises(OptionError, match="did you mean 'anderson'"):
        settle(lambda z: z, start, method="andersen")


def test_a_direct_solve_names_what_it_cannot_solve():
    """Guards against a singular equation that passes for settled or for a kind of dynamics nobody watched."""
    ones = torch.ones(1, 2, 1, dtype=torch.float64)
    balances = torch.tensor([[[1.0], [0.5]]], dtype=torch.float64)
    _, report = solve_credits(ones[:, :1], balances, ones, tolerance=1e-12)
    assert report.behaviours.tolist() == [["unsolved", "settled"]]
    with pytest.raises(EquilibriumError, match="1 unsolved; largest residual inf"):
        enforce(report, "credits", "raise", reported=True)
