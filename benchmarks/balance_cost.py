"""Measure the angle of the update to minus the gradient for each balance function, while networks learn digits.

Full batches of the training images, cross-entropy. Takes a few minutes. Run from anywhere:

    python benchmarks/balance_cost.py
"""

from __future__ import annotations

import torch
from measure import parser, write_results

from creditgraph.train import LayeredNetwork, load_task
from creditgraph.train.balance import BALANCES
from creditgraph.train.balance_cost import angle_to_gradient


def main() -> None:
    """Print the medians over networks of angle, ratio of norms and loss at each recorded step."""
    arguments = parser(__doc__)
    arguments.add_argument("--activation", default="tanh")
    arguments.add_argument("--hidden", nargs="*", type=int, default=[30, 30], help="neurons of the hidden layers")
    arguments.add_argument("--networks", type=int, default=5, help="networks, with seeds from --seed on")
    arguments.add_argument("--seed", type=int, default=0, help="seed of the first network")
    arguments.add_argument("--steps", type=int, default=200)
    arguments.add_argument("--every", type=int, default=100, help="steps between records")
    arguments.add_argument("--learning-rate", type=float, default=0.3)
    options = arguments.parse_args()
    if options.quick:
        options.networks, options.steps, options.every = 2, 20, 10
    task = load_task("digits", seed=0)
    net = LayeredNetwork(
        [task.features, *options.hidden, task.classes],
        activation=options.activation,
        loss="cross_entropy",
        members=options.networks,
        seed=options.seed,
        dtype=torch.float64,
        device=options.device,
    )
    widened = [("widened_derivative", width) for width in (1.25, 1.5, 4.0)]
    table = angle_to_gradient(
        net,
        task.x_train,
        torch.from_numpy(task.y_train).to(options.device),
        balances=[*BALANCES, *widened],
        learning_rate=options.learning_rate,
        steps=options.steps,
        every=options.every,
    )
    groups = table.groupby(["balance", "width", "step"], sort=False, dropna=False)
    medians = groups[["angle", "norm_ratio", "loss"]].median()
    print(medians.round(3).to_string())
    settings = {name: getattr(options, name) for name in ("activation", "hidden", "networks", "seed", "learning_rate")}
    results = {"settings": settings, "medians": medians.reset_index()}
    write_results("balance_cost", results, options.out, device=options.device)


if __name__ == "__main__":
    main()
