"""The literature that methods rest on: what each source is, as text and as BibTeX."""

from __future__ import annotations

from dataclasses import dataclass

from . import latex


@dataclass(frozen=True)
class Reference:
    """A source.

    Attributes
    ----------
    key
        By which LaTeX cites it.
    authors
        Family name and initials of each, ``Newman, M. E. J.``.
    year, title
        When, and what it is called.
    journal, volume, pages
        Where it appeared; a journal alone is a book's publisher or a conference.
    identifier
        ``doi:...`` or ``arXiv:...``, empty where there is none.
    """

    key: str
    authors: tuple[str, ...]
    year: int
    title: str
    journal: str = ""
    volume: str = ""
    pages: str = ""
    identifier: str = ""

    @property
    def text(self) -> str:
        """As a list of references cites it."""
        place = f" {self.journal}" + (f" {self.volume}" if self.volume else "") if self.journal else ""
        place += f", {self.pages.replace('--', '–')}" if self.pages else ""
        return f"{', '.join(self.authors)} ({self.year}). {self.title}." + (f"{place}." if place else "")

    def bibtex(self) -> str:
        """As an entry of a BibTeX file."""
        kind, _, number = self.identifier.partition(":")
        fields = {
            "author": " and ".join(latex.escaped(author) for author in self.authors),
            # braces keep the capitals
            "title": f"{{{latex.escaped(self.title)}}}",
            "year": str(self.year),
            "journal" if self.volume else "howpublished": latex.escaped(self.journal),
            "volume": self.volume,
            "pages": self.pages,
            "doi": number if kind == "doi" else "",
            "eprint": number if kind == "arXiv" else "",
            "archiveprefix": kind if kind == "arXiv" else "",
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        return f"@{'article' if self.volume else 'misc'}{{{self.key},\n" + ",\n".join(lines) + "\n}\n"


SOURCES = {
    each.key: each
    for each in (
        Reference(
            "fan2024",
            ("Fan, X.", "Mysore, S. P."),
            2024,
            "Contribute to balance, wire in accordance: Emergence of backpropagation from a simple, bio-plausible "
            "neuroplasticity rule",
            identifier="arXiv:2405.14139",
        ),
        Reference(
            "traag2019",
            ("Traag, V. A.", "Waltman, L.", "van Eck, N. J."),
            2019,
            "From Louvain to Leiden: guaranteeing well-connected communities",
            "Scientific Reports",
            "9",
            "5233",
            "doi:10.1038/s41598-019-41695-z",
        ),
        Reference(
            "newman2006",
            ("Newman, M. E. J.",),
            2006,
            "Modularity and community structure in networks",
            "PNAS",
            "103",
            "8577--8582",
            "doi:10.1073/pnas.0601602103",
        ),
        Reference(
            "leicht2008",
            ("Leicht, E. A.", "Newman, M. E. J."),
            2008,
            "Community structure in directed networks",
            "Physical Review Letters",
            "100",
            "118703",
            "doi:10.1103/PhysRevLett.100.118703",
        ),
        Reference(
            "vinh2010",
            ("Vinh, N. X.", "Epps, J.", "Bailey, J."),
            2010,
            "Information theoretic measures for clusterings comparison: variants, properties, normalization and "
            "correction for chance",
            "Journal of Machine Learning Research",
            "11",
            "2837--2854",
        ),
        Reference(
            "hubert1985",
            ("Hubert, L.", "Arabie, P."),
            1985,
            "Comparing partitions",
            "Journal of Classification",
            "2",
            "193--218",
            "doi:10.1007/BF01908075",
        ),
        Reference(
            "meila2007",
            ("Meilă, M.",),
            2007,
            "Comparing clusterings: an information based distance",
            "Journal of Multivariate Analysis",
            "98",
            "873--895",
            "doi:10.1016/j.jmva.2006.11.013",
        ),
        Reference(
            "gates2019",
            ("Gates, A. J.", "Wood, I. B.", "Hetrick, W. P.", "Ahn, Y.-Y."),
            2019,
            "Element-centric clustering comparison unifies overlaps and hierarchy",
            "Scientific Reports",
            "9",
            "8574",
            "doi:10.1038/s41598-019-44892-y",
        ),
        Reference(
            "mucha2010",
            ("Mucha, P. J.", "Richardson, T.", "Macon, K.", "Porter, M. A.", "Onnela, J.-P."),
            2010,
            "Community structure in time-dependent, multiscale, and multiplex networks",
            "Science",
            "328",
            "876--878",
            "doi:10.1126/science.1184819",
        ),
        Reference(
            "lancichinetti2012",
            ("Lancichinetti, A.", "Fortunato, S."),
            2012,
            "Consensus clustering in complex networks",
            "Scientific Reports",
            "2",
            "336",
            "doi:10.1038/srep00336",
        ),
        Reference(
            "fisher1932", ("Fisher, R. A.",), 1932, "Statistical Methods for Research Workers", "Oliver and Boyd"
        ),
        Reference(
            "crawford1998",
            ("Crawford, J. R.", "Howell, D. C."),
            1998,
            "Comparing an individual's test score against norms derived from small samples",
            "The Clinical Neuropsychologist",
            "12",
            "482--486",
            "doi:10.1076/clin.12.4.482.7241",
        ),
        Reference(
            "benjamini1995",
            ("Benjamini, Y.", "Hochberg, Y."),
            1995,
            "Controlling the false discovery rate: a practical and powerful approach to multiple testing",
            "Journal of the Royal Statistical Society B",
            "57",
            "289--300",
            "doi:10.1111/j.2517-6161.1995.tb02031.x",
        ),
        Reference(
            "page1963",
            ("Page, E. B.",),
            1963,
            "Ordered hypotheses for multiple treatments: a significance test for linear ranks",
            "Journal of the American Statistical Association",
            "58",
            "216--230",
            "doi:10.1080/01621459.1963.10500843",
        ),
        Reference(
            "friedman1937",
            ("Friedman, M.",),
            1937,
            "The use of ranks to avoid the assumption of normality implicit in the analysis of variance",
            "Journal of the American Statistical Association",
            "32",
            "675--701",
            "doi:10.1080/01621459.1937.10503522",
        ),
        Reference(
            "maslov2002",
            ("Maslov, S.", "Sneppen, K."),
            2002,
            "Specificity and stability in topology of protein networks",
            "Science",
            "296",
            "910--913",
            "doi:10.1126/science.1065103",
        ),
        Reference(
            "metropolis1953",
            ("Metropolis, N.", "Rosenbluth, A. W.", "Rosenbluth, M. N.", "Teller, A. H.", "Teller, E."),
            1953,
            "Equation of state calculations by fast computing machines",
            "The Journal of Chemical Physics",
            "21",
            "1087--1092",
            "doi:10.1063/1.1699114",
        ),
        Reference(
            "deming1940",
            ("Deming, W. E.", "Stephan, F. F."),
            1940,
            "On a least squares adjustment of a sampled frequency table when the expected marginal totals are known",
            "The Annals of Mathematical Statistics",
            "11",
            "427--444",
            "doi:10.1214/aoms/1177731829",
        ),
        Reference(
            "guimera2005",
            ("Guimerà, R.", "Amaral, L. A. N."),
            2005,
            "Functional cartography of complex metabolic networks",
            "Nature",
            "433",
            "895--900",
            "doi:10.1038/nature03288",
        ),
        Reference(
            "palla2007",
            ("Palla, G.", "Barabási, A.-L.", "Vicsek, T."),
            2007,
            "Quantifying social group evolution",
            "Nature",
            "446",
            "664--667",
            "doi:10.1038/nature05670",
        ),
        Reference(
            "reichardt2006",
            ("Reichardt, J.", "Bornholdt, S."),
            2006,
            "Statistical mechanics of community detection",
            "Physical Review E",
            "74",
            "016110",
            "doi:10.1103/PhysRevE.74.016110",
        ),
        Reference(
            "borgatti2000",
            ("Borgatti, S. P.", "Everett, M. G."),
            2000,
            "Models of core/periphery structures",
            "Social Networks",
            "21",
            "375--395",
            "doi:10.1016/S0378-8733(99)00019-2",
        ),
        Reference(
            "lillicrap2016",
            ("Lillicrap, T. P.", "Cownden, D.", "Tweed, D. B.", "Akerman, C. J."),
            2016,
            "Random synaptic feedback weights support error backpropagation for deep learning",
            "Nature Communications",
            "7",
            "13276",
            "doi:10.1038/ncomms13276",
        ),
        Reference(
            "nokland2016",
            ("Nøkland, A.",),
            2016,
            "Direct feedback alignment provides learning in deep neural networks",
            "Advances in Neural Information Processing Systems 29",
            pages="1037--1045",
            identifier="arXiv:1609.01596",
        ),
        Reference(
            "oja1982",
            ("Oja, E.",),
            1982,
            "A simplified neuron model as a principal component analyzer",
            "Journal of Mathematical Biology",
            "15",
            "267--273",
            "doi:10.1007/BF00275687",
        ),
    )
}
