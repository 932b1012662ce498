"""Documents that the pages of these tests are made of."""

from __future__ import annotations

from gmn_llm import GMNSpec

__all__ = ["MOVES", "STRANGE", "explorer", "grid", "invalid", "many_nodes", "senses", "strange", "t_maze"]

MOVES = ["up", "down", "left", "right", "stay"]
STRANGE = (
    '<script>document.title="broken"</script>&amp; "quoted" \'single\' \u202eright to left \u200f\u05e9\u05dc\u05d5\u05dd 👩‍👩‍👧 '
    + "long" * 40
)


def node(name: str, kind: str, **properties: object) -> dict[str, object]:
    """A node with its properties."""
    return {"id": name, "type": kind, "properties": properties}


def edges(text: str) -> list[dict[str, object]]:
    """Edges written ``a>b`` for depends_on and ``a=>b`` for generates, with blanks between them."""
    found = []
    for word in text.split():
        kind, arrow = ("generates", "=>") if "=>" in word else ("depends_on", ">")
        source, target = word.split(arrow)
        found.append({"source": source, "target": target, "type": kind})
    return found


def grid(rows: int, cols: int, *, walls: list[list[int]] | None = None, slip: float = 0.0) -> dict[str, object]:
    """A walk over a board, towards the last cell."""
    size = rows * cols
    return {
        "name": "grid_explorer",
        "description": "Walks a small grid towards the far corner.",
        "nodes": [
            node("position", "state", num_states=size),
            node("seen", "observation", num_observations=size),
            node("move", "action", num_actions=5, labels=MOVES),
            node("sight", "likelihood", matrix={"kind": "noisy_identity", "accuracy": 0.9}),
            node(
                "movement",
                "transition",
                matrix={"kind": "grid", "rows": rows, "cols": cols, "walls": walls or [], "slip": slip},
            ),
            node("goal", "preference", values={str(size - 1): 3, str(size // 2): -2}),
            node("start", "belief", state=0),
        ],
        "edges": edges("position>sight sight=>seen position>movement move>movement goal>seen start>position"),
    }


def explorer() -> GMNSpec:
    """A board of 5 by 5 cells with two walls."""
    return GMNSpec.parse(grid(5, 5, walls=[[1, 1], [3, 3]]))


def t_maze() -> GMNSpec:
    """Two factors: where the rat is, and where the reward; two modalities."""
    places = ["centre", "left arm", "right arm", "cue"]
    return GMNSpec.parse({
        "name": "t_maze",
        "nodes": [
            node("location", "state", num_states=4, labels=places),
            node("reward_side", "state", num_states=2, labels=["left", "right"]),
            node("cue", "observation", num_observations=3, labels=["none", "says left", "says right"]),
            node("outcome", "observation", num_observations=3, labels=["nothing", "reward", "shock"]),
            node("go", "action", num_actions=4, labels=places),
            node("cue_likelihood", "likelihood", matrix={"kind": "rules", "otherwise": "none", "rules": [
                {"when": {"location": "cue", "reward_side": "left"}, "then": {"says left": 1}},
                {"when": {"location": "cue", "reward_side": "right"}, "then": {"says right": 1}}]}),
            node("outcome_likelihood", "likelihood", matrix={"kind": "rules", "otherwise": "nothing", "rules": [
                {"when": {"location": "left arm", "reward_side": "left"}, "then": {"reward": 0.98, "shock": 0.02}},
                {"when": {"location": "right arm", "reward_side": "right"}, "then": {"reward": 0.98, "shock": 0.02}},
                {"when": {"location": ["left arm", "right arm"]}, "then": {"shock": 0.98, "reward": 0.02}}]}),
            node("walk", "transition", matrix={"kind": "set"}),
            node("fate", "transition", matrix={"kind": "identity"}),
            node("wish", "preference", values={"reward": 2, "shock": -4}),
            node("begin", "belief", state="centre"),
            node("plan", "policy", policy_len=2),
        ],
        "edges": [*edges(
            "location>cue_likelihood reward_side>cue_likelihood cue_likelihood=>cue "
            "location>outcome_likelihood reward_side>outcome_likelihood outcome_likelihood=>outcome "
            "location>walk go>walk reward_side>fate wish>outcome begin>location"
        ), {"source": "plan", "target": "go", "type": "influences"}],
    })  # fmt: skip


def senses() -> GMNSpec:
    """One factor seen in three modalities, one with preferences over time."""
    third = [[0.7, 0.2, 0.1], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7]]
    return GMNSpec.parse({
        "name": "senses",
        "nodes": [
            node("mood", "state", num_states=3, labels=["low", "even", "high"]),
            *(node(name, "observation", num_observations=3) for name in ("face", "voice", "words")),
            node("say", "action", num_actions=2, labels=["joke", "nothing"]),
            *(node(f"{name}_given_mood", "likelihood", matrix=third) for name in ("face", "voice", "words")),
            node("change", "transition", matrix={"kind": "rules", "rules": [{"when": {"say": "joke", "mood": "low"}, "then": {"even": 0.6}}]}),
            node("wish", "preference", vector=[[0, 0, 1], [0, 0.5, 2.25]]),
            node("plan", "policy", policy_len=2, habits=[0.4, 0.3, 0.2, 0.1]),
        ],
        "edges": edges(
            "mood>face_given_mood face_given_mood=>face mood>voice_given_mood voice_given_mood=>voice "
            "mood>words_given_mood words_given_mood=>words mood>change say>change wish>face"
        ),
    })  # fmt: skip


def invalid() -> GMNSpec:
    """A document with an edge to nowhere, one the wrong way round, and a transition too few numbers long."""
    document = grid(5, 5)
    document["edges"] = [
        *edges("position>sight sight=>seen position>movement move>movement goal>seen start>nowhere"),
        {"source": "seen", "target": "sight", "type": "generates"},
    ]
    return GMNSpec.parse(document)


def strange() -> GMNSpec:
    """Names, labels and descriptions that mean to break out, turn round or overflow."""
    document = grid(2, 2)
    document |= {"name": STRANGE, "description": STRANGE, "version": '"><img src=x onerror=alert(1)>'}
    nodes = document["nodes"]
    assert isinstance(nodes, list)
    nodes[0] = node("position", "state", num_states=4, labels=[f"{k}{STRANGE}" for k in range(4)], description=STRANGE)
    nodes[2] = node("m" * 200, "action", num_actions=5, labels=[*MOVES[:4], "</table></style></svg>"])
    document["edges"] = edges(
        f"position>sight sight=>seen position>movement {'m' * 200}>movement goal>seen start>position"
    )
    return GMNSpec.parse(document)


def many_nodes(count: int = 12, size: int = 2) -> GMNSpec:
    """Factors of ``size`` to ``size`` + 3 states in a row, each seen together with the one before."""
    nodes, said = [node("do", "action", num_actions=3)], ""
    for k in range(count):
        nodes += [
            node(f"factor_{k}", "state", num_states=size + k % 4),
            node(f"seen_{k}", "observation", num_observations=size + k % 4),
            node(f"A_{k}", "likelihood", matrix={"kind": "of", "of": {"factor": f"factor_{k}", "kind": "identity"}}),
            node(f"B_{k}", "transition", matrix={"kind": "uniform"}),
        ]
        said += (
            f" factor_{k}>A_{k} A_{k}=>seen_{k} factor_{k}>B_{k} factor_{max(0, k - 1)}>A_{k}"
            if k
            else " factor_0>A_0 A_0=>seen_0 factor_0>B_0"
        )
        said += f" do>B_{k}" if k < 3 else ""
    return GMNSpec.parse({"name": "many", "nodes": nodes, "edges": edges(said)})
