"""What customers write when they send a thing back: our own phrases, by cluster of the contract's `reason_cluster`.

`PATTERNS` give a sentence a first label; `PHRASES` teach what the reviews of one trade never say; `CHECKED` are kept from
training, to measure with.
"""

from __future__ import annotations

CLUSTERS = ("fit", "look", "fault", "damage", "incomplete", "wrong", "late", "price", "other")

PATTERNS = {
    "fit": r"too (small|big|large|tight|loose|short|long|wide|narrow|snug)|runs? (very )?(small|large|big|tight)|didn'?t fit|doesn'?t fit|does not fit|not fit|size (up|down)|wrong fit|poor fit|ill[- ]fitting|(is|was) (huge|tiny) on|pinch|tight in|tight across|gap(es|ed|ing)?\b",
    "look": r"(looks?|looked) (cheap|different|nothing|awful|frumpy|terrible|odd|weird)|colou?r (is|was) (off|not|different|wrong)|not as (pictured|shown|described)|than (the )?(picture|photo)|unflattering|not flattering|see[- ]?through|sheer|shapeless|ugly",
    "fault": r"fell apart|broke\b|defect|stopped working|not work|doesn'?t work|zipper|seam (came|ripp)|unravel|threads? (came|coming)|poor quality|bad quality|cheaply made|pill(ed|ing|s)\b|shrunk|shrank|faulty",
    "damage": r"damaged|torn|ripped|stain(ed|s)?\b|arrived (with|broken|dirty)|had a (hole|tear|stain|rip|snag)|small holes?|scratched|dented|cracked|crushed",
    "incomplete": r"missing|without (the|its) (belt|button|slip|charger|box|cable)|not included|no (belt|slip|charger|cable|manual)|incomplete",
    "wrong": r"wrong (item|product|colou?r|size was sent|one)|sent (me )?(the|a) (wrong|different)|received (a|the) (different|wrong)|not what i ordered|different (item|product)",
    "late": r"(arrived|came|delivered) (too )?late|took (too long|forever|weeks)|late delivery|delayed|after the (date|event|wedding|party)|too late",
    "price": r"(not|isn'?t|wasn'?t) worth|over ?priced|too (expensive|pricey|much money)|for (the|this) price|cheaper (elsewhere|on|at)|price (dropped|drop)|went on sale|better price",
}

PHRASES = {
    "fit": [
        "size is too small for me", "shoes are tight at the toes", "too big around the waist", "one size up needed", "does not fit my foot",
        "sleeves too long", "length is short", "very loose fitting", "strap does not reach my wrist", "cover does not fit the phone",
        "does not fit my sofa", "size chart is wrong, too tight",
    ],
    "look": [
        "colour is different from the photo", "looks cheap in person", "not as shown in the picture", "design is not nice", "material looks dull",
        "shade does not match", "fabric is see through", "does not look like the website", "pattern is not the same as described", "did not like the look",
        "finish is not as described", "colour faded compared to image",
    ],
    "fault": [
        "not turning on", "battery drains in one hour", "screen flickers", "stopped working after two days", "speaker has no sound",
        "does not charge", "phone hangs and restarts", "keyboard keys not working", "wifi keeps disconnecting", "motor makes noise and stops",
        "stitching came off after one wash", "heats up too much", "touch is not responding", "quality is very bad",
    ],
    "damage": [
        "box was crushed and screen cracked", "arrived broken", "glass was shattered on arrival", "dent on the side when delivered", "package was torn and wet",
        "scratches on the body when I opened it", "bottle leaked in the box", "item has a hole", "stain on the fabric on arrival", "corner is chipped from transport",
        "damaged in transit", "cover was torn when received",
    ],
    "incomplete": [
        "charger missing in the box", "one earbud is missing", "screws not included", "manual and cable were not in the pack", "only one shoe received",
        "part missing", "accessories not received", "remote not in the box", "received three instead of four pieces", "warranty card missing",
        "lid was not there", "incomplete set",
    ],
    "wrong": [
        "wrong item delivered", "received a different product", "ordered black got blue", "sent me another model", "this is not what I ordered",
        "wrong size sent", "got a used phone instead of a new one", "different brand received", "wrong variant, 64 GB instead of 128", "someone else's order came to me",
        "received ladies watch instead of gents", "product is fake, not the original brand",
    ],
    "late": [
        "delivered too late", "came after the birthday", "delivery took three weeks", "needed it before the festival, it was late", "delayed many times",
        "order arrived after the event", "waited too long, bought elsewhere", "delivery was delayed", "late by ten days", "no longer needed because it came late",
    ],
    "price": [
        "found it cheaper on another site", "price dropped the next day", "not worth the money", "too expensive for this quality", "better price in the shop",
        "overpriced", "paid more than the present price", "got a discount elsewhere", "same thing costs less in the market", "sale started after I bought",
    ],
    "other": [
        "changed my mind", "do not need it any more", "ordered by mistake", "bought two by accident", "gift was not wanted",
        "no reason", "my son already bought one", "just return it please", "address changed", "ordered twice", "was only trying", "please cancel the order",
    ],
}  # fmt: skip

CHECKED = {
    "fit": ["waist is too tight", "jeans are way too long for my height", "shoe size is smaller than usual", "kurta is loose at the shoulders", "too small"],
    "look": ["the colour in the photo was brighter", "it looks nothing like the picture", "print is not as described", "looked cheap", "did not like the design"],
    "fault": ["laptop does not turn on", "left speaker stopped working", "battery does not last", "mixer is not working", "zip broke on the second day"],
    "damage": ["screen was cracked when it arrived", "box was wet and torn", "arrived with a big dent", "there was a hole in the shirt", "glass broken in transit"],
    "incomplete": ["no charger in the box", "cable missing", "two screws are missing", "one piece of the set was not there", "manual not included"],
    "wrong": ["you sent me the wrong colour", "i received a different phone", "this is not the product i ordered", "wrong model delivered", "got size L instead of M"],
    "late": ["it came too late for the wedding", "delivery took a month", "was delayed by a week", "arrived after diwali", "late delivery"],
    "price": ["cheaper on another website", "price was reduced after my order", "not worth the price", "too costly", "found a better price"],
    "other": ["i changed my mind", "ordered by mistake", "not needed now", "bought one too many", "it was a gift and not needed"],
}
