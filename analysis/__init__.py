"""Communities of weight graphs, and how far they can be told from chance."""

if __name__ != "creditgraph.analysis":
    raise ImportError("import creditgraph.analysis: the bare name analysis would load a second copy of every class")

from .agreement import (
    Agreement,
    agreement,
    co_assignment,
    expected_co_assignment,
    expected_element_similarity,
)
from .alignment import align, align_chains
from .blocks import BlockMatrices, block_matrices
from .comparison import group_similarity, score_differences
from .composition import composition
from .consensus import Consensus, consensus
from .core_periphery import CorePeriphery, core_periphery, core_periphery_score
from .effect_sizes import EffectSizes, effect_sizes
from .effects import contrasts, effects, least_p_value
from .false_discovery import false_discovery
from .intervals import mean_interval
from .leiden import leiden
from .lesions import lesions
from .matched_loss import MatchedLoss, matched_loss
from .modularity import constant_potts, layered_modularity, modularity, signed_modularity
from .multislice import MultislicePartition, multislice, multislice_modularity
from .normalised_cut import Clusterability, clusterability, normalised_cut, spectral_communities
from .null_statistics import null_statistics
from .objectives import quality
from .partitions import Partition
from .planted import Planted, planted_communities, planted_layers, planted_structure
from .power import detectable_effect, power, power_curve, seeds_needed, trend_power
from .resolution import ResolutionProfile, resolution_profile
from .roles import gateway, participation, roles, within_module_z
from .selectivity import community_selectivity, selectivity
from .significance import Significance, significance
from .similarity import compare, element_similarity, similarity_matrix
from .structure import StructureVerdict, structure
from .trajectory import Trajectory, flexibility, trajectory, trajectory_summary
from .trajectory_trends import trajectory_trends
from .trends import trends

__all__ = [
    "Agreement",
    "BlockMatrices",
    "Clusterability",
    "Consensus",
    "CorePeriphery",
    "EffectSizes",
    "MatchedLoss",
    "MultislicePartition",
    "Partition",
    "Planted",
    "ResolutionProfile",
    "Significance",
    "StructureVerdict",
    "Trajectory",
    "agreement",
    "align",
    "align_chains",
    "block_matrices",
    "clusterability",
    "co_assignment",
    "community_selectivity",
    "compare",
    "composition",
    "consensus",
    "constant_potts",
    "contrasts",
    "core_periphery",
    "core_periphery_score",
    "detectable_effect",
    "effect_sizes",
    "effects",
    "element_similarity",
    "expected_co_assignment",
    "expected_element_similarity",
    "false_discovery",
    "flexibility",
    "gateway",
    "group_similarity",
    "layered_modularity",
    "least_p_value",
    "leiden",
    "lesions",
    "matched_loss",
    "mean_interval",
    "modularity",
    "multislice",
    "multislice_modularity",
    "normalised_cut",
    "null_statistics",
    "participation",
    "planted_communities",
    "planted_layers",
    "planted_structure",
    "power",
    "power_curve",
    "quality",
    "resolution_profile",
    "roles",
    "score_differences",
    "seeds_needed",
    "selectivity",
    "signed_modularity",
    "significance",
    "similarity_matrix",
    "spectral_communities",
    "structure",
    "trajectory",
    "trajectory_summary",
    "trajectory_trends",
    "trend_power",
    "trends",
    "within_module_z",
]
