"""Measure how far the update of clamped credits is from that of injected ones, which is the gradient.

All-to-all networks, squared error, biases 0, inputs and targets from N(0, 1). Run from anywhere:

    python benchmarks/clamp_against_inject.py
"""

from __future__ import annotations

import argparse

import torch
from measure import parser, write_results

from creditgraph.train import RecurrentNetwork


def differences(activation: str, gain: float, options: argparse.Namespace) -> tuple[torch.Tensor, torch.Tensor]:
    """Norm of the difference over the norm of inject's update, and the cosine, of each network that settles."""
    errors, cosines = [], []
    for seed in range(options.seed, options.seed + options.networks):
        updates = []
        generator = torch.Generator().manual_seed(seed)
        x = torch.randn(options.samples, options.inputs, generator=generator, dtype=torch.float64)
        y = torch.randn(options.samples, options.outputs, generator=generator, dtype=torch.float64)
        settled = True
        for credit in ("inject", "clamp"):
            net = RecurrentNetwork(
                options.inputs,
                options.hidden,
                options.outputs,
                activation=activation,
                credit=credit,
                gain=gain,
                seed=seed,
                dtype=torch.float64,
                unconverged="keep",
                device=options.device,
            )
            rates, firing = net.fire(x.to(options.device), report=True)
            credits, crediting = net.assign_credit(rates, y.to(options.device), report=True)
            settled &= bool(firing.converged.all() and crediting.converged.all())
            update = net.plasticity(rates, credits)
            updates.append(torch.cat([update.weights.flatten(), update.biases.flatten()]))
        if settled:
            inject, clamp = updates
            errors.append((clamp - inject).norm() / inject.norm())
            cosines.append(clamp @ inject / clamp.norm() / inject.norm())
    return torch.tensor(errors), torch.tensor(cosines)


def main() -> None:
    """Print one line for each activation and gain."""
    arguments = parser(__doc__)
    arguments.add_argument("--activations", nargs="+", default=["tanh", "sigmoid"])
    arguments.add_argument("--gains", nargs="+", type=float, default=[0.25, 0.5, 1.0])
    arguments.add_argument("--networks", type=int, default=20, help="networks, with seeds from --seed on")
    arguments.add_argument("--seed", type=int, default=0, help="seed of the first network and of its data")
    arguments.add_argument("--samples", type=int, default=16)
    arguments.add_argument("--inputs", type=int, default=5)
    arguments.add_argument("--hidden", type=int, default=12)
    arguments.add_argument("--outputs", type=int, default=4)
    options = arguments.parse_args()
    if options.quick:
        options.networks, options.gains = 3, [0.5]
    print("activation  gain  networks  difference: median (least to largest)  cosine: median (least)")
    results = []
    for activation in options.activations:
        for gain in options.gains:
            errors, cosines = differences(activation, gain, options)
            results.append(
                {"activation": activation, "gain": gain, "differences": errors.tolist(), "cosines": cosines.tolist()}
            )
            counted = f"{activation:<11} {gain:<5g} {len(errors):>3} of {options.networks}"
            if not len(errors):
                print(f"{counted}  none settled in all samples")
                continue
            least, middle, largest = (100 * each for each in (errors.min(), errors.quantile(0.5), errors.max()))
            difference = f"{middle:.1f} % ({least:.1f} to {largest:.1f} %)"
            print(f"{counted}  {difference}  {cosines.quantile(0.5):.4f} ({cosines.min():.4f})")
    settings = {name: getattr(options, name) for name in ("networks", "seed", "samples", "inputs", "hidden", "outputs")}
    write_results(
        "clamp_against_inject", {"settings": settings, "measured": results}, options.out, device=options.device
    )


if __name__ == "__main__":
    main()
