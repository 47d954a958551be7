from __future__ import annotations

import numpy as np
from scipy.sparse import random as random_sparse

from smartreturns_ml.real import reason_words
from smartreturns_ml.real.catalogue import Catalogue, our_category
from smartreturns_ml.real.catalogue_map import OURS
from smartreturns_ml.real.hashed_text import Block, HashedText, LinearOutputs, as_json
from smartreturns_ml.real.least_squares import ridge
from smartreturns_ml.real.reviews import Reasons, checked_accuracy


def test_ridge_is_the_closed_form():
    table = random_sparse(200, 30, 0.2, random_state=0, format="csr")
    r = np.random.default_rng(0)
    targets, weight = r.normal(size=(200, 3)), r.uniform(0.5, 2, 200)
    got, start = ridge(table, targets, 0.7, weight)
    x = table.toarray()
    centred = x - np.average(x, axis=0, weights=weight)
    left = centred.T @ (weight[:, None] * centred) + 0.7 * np.eye(30)
    wanted = np.linalg.solve(left, centred.T @ (weight[:, None] * (targets - np.average(targets, axis=0, weights=weight))))
    np.testing.assert_allclose(got, wanted.T, atol=2e-3)
    np.testing.assert_allclose(start, np.average(targets - x @ got.T, axis=0, weights=weight), atol=1e-6)


def test_a_written_model_says_what_it_answers():
    rows = [("red shirt",), ("blue shirt cotton",), ("phone cover",), ("",)]
    text = HashedText([Block(0, "", "words", 1.0), Block(0, "", "characters", 0.5)], 1 << 12).fit(rows)
    outputs = LinearOutputs.quantised(["a"], np.random.default_rng(0).normal(size=(1, 1 << 12)), np.array([0.3]))
    content = as_json("x", text, outputs, rows, {})
    assert content["golden"][3]["scores"] == [0.3]
    assert len({g["scores"][0] for g in content["golden"]}) == 4


def test_reasons_of_our_own_phrases():
    """Without any review: the phrases alone teach other phrases of the same clusters."""
    model = Reasons().fit([])
    assert checked_accuracy(model) >= 0.75
    assert set(model.cluster(["it is too small", "arrived broken"])) <= set(reason_words.CLUSTERS)


def test_titles_find_their_category_and_ours(contract):
    rows = [
        {"product_name": f"{brand} {thing} {n}", "top_category_clean": top, "category_path": f"{top} >> {thing}"}
        for brand in ("Acme", "Zed") for n in range(5)
        for thing, top in (("Cotton Shirt", "Clothing"), ("Slim Jeans", "Clothing"), ("Dog Shampoo", "Pet Supplies"), ("Oil Filter", "Automotive"))
    ]  # fmt: skip
    model = Catalogue().fit(rows)
    unseen = [{"product_name": "Blue Cotton Shirts"}, {"product_name": "puppy dog shampoo"}]
    assert list(model.predict(unseen)) == ["Clothing", "Pet Supplies"]
    assert our_category("Clothing", "Blue Slim Jeans") == "fashion.apparel.bottomwear"
    assert our_category("Nowhere", "x") is None
    ids = set(contract.values["category_l3"])
    for rule in OURS.values():
        assert rule["default"] in ids and all(ours in ids for _, ours in rule["words"])
