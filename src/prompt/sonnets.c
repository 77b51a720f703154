#include "prompt/sonnets.h"

#include "prompt/words.h"

#include <string.h>

static const char instruction[] =
    "Randomly stream lines from the following text. Don't generate eos tokens:";

/* Sonnets 12, 18, 29, 30, 55, 60, 65, 73, 116 and 130. */
static const char *const lines[] = {
    "When I do count the clock that tells the time,",
    "And see the brave day sunk in hideous night;",
    "When I behold the violet past prime,",
    "And sable curls all silvered o'er with white;",
    "When lofty trees I see barren of leaves,",
    "Which erst from heat did canopy the herd,",
    "And summer's green all girded up in sheaves,",
    "Borne on the bier with white and bristly beard,",
    "Then of thy beauty do I question make,",
    "That thou among the wastes of time must go,",
    "Since sweets and beauties do themselves forsake",
    "And die as fast as they see others grow;",
    "And nothing 'gainst Time's scythe can make defence",
    "Save breed, to brave him when he takes thee hence.",
    "Shall I compare thee to a summer's day?",
    "Thou art more lovely and more temperate:",
    "Rough winds do shake the darling buds of May,",
    "And summer's lease hath all too short a date;",
    "Sometime too hot the eye of heaven shines,",
    "And often is his gold complexion dimm'd;",
    "And every fair from fair sometime declines,",
    "By chance or nature's changing course untrimm'd;",
    "But thy eternal summer shall not fade,",
    "Nor lose possession of that fair thou ow'st;",
    "Nor shall Death brag thou wander'st in his shade,",
    "When in eternal lines to time thou grow'st:",
    "So long as men can breathe or eyes can see,",
    "So long lives this, and this gives life to thee.",
    "When, in disgrace with fortune and men's eyes,",
    "I all alone beweep my outcast state,",
    "And trouble deaf heaven with my bootless cries,",
    "And look upon myself and curse my fate,",
    "Wishing me like to one more rich in hope,",
    "Featured like him, like him with friends possess'd,",
    "Desiring this man's art and that man's scope,",
    "With what I most enjoy contented least;",
    "Yet in these thoughts myself almost despising,",
    "Haply I think on thee, and then my state,",
    "Like to the lark at break of day arising",
    "From sullen earth, sings hymns at heaven's gate;",
    "For thy sweet love remember'd such wealth brings",
    "That then I scorn to change my state with kings.",
    "When to the sessions of sweet silent thought",
    "I summon up remembrance of things past,",
    "I sigh the lack of many a thing I sought,",
    "And with old woes new wail my dear time's waste:",
    "Then can I drown an eye, unused to flow,",
    "For precious friends hid in death's dateless night,",
    "And weep afresh love's long since cancell'd woe,",
    "And moan the expense of many a vanish'd sight:",
    "Then can I grieve at grievances foregone,",
    "And heavily from woe to woe tell o'er",
    "The sad account of fore-bemoaned moan,",
    "Which I new pay as if not paid before.",
    "But if the while I think on thee, dear friend,",
    "All losses are restored and sorrows end.",
    "Not marble, nor the gilded monuments",
    "Of princes, shall outlive this powerful rhyme;",
    "But you shall shine more bright in these contents",
    "Than unswept stone, besmear'd with sluttish time.",
    "When wasteful war shall statues overturn,",
    "And broils root out the work of masonry,",
    "Nor Mars his sword nor war's quick fire shall burn",
    "The living record of your memory.",
    "'Gainst death and all-oblivious enmity",
    "Shall you pace forth; your praise shall still find room",
    "Even in the eyes of all posterity",
    "That wear this world out to the ending doom.",
    "So, till the judgment that yourself arise,",
    "You live in this, and dwell in lovers' eyes.",
    "Like as the waves make towards the pebbled shore,",
    "So do our minutes hasten to their end;",
    "Each changing place with that which goes before,",
    "In sequent toil all forwards do contend.",
    "Nativity, once in the main of light,",
    "Crawls to maturity, wherewith being crown'd,",
    "Crooked eclipses 'gainst his glory fight,",
    "And Time that gave doth now his gift confound.",
    "Time doth transfix the flourish set on youth",
    "And delves the parallels in beauty's brow,",
    "Feeds on the rarities of nature's truth,",
    "And nothing stands but for his scythe to mow:",
    "And yet to times in hope my verse shall stand,",
    "Praising thy worth, despite his cruel hand.",
    "Since brass, nor stone, nor earth, nor boundless sea,",
    "But sad mortality o'er-sways their power,",
    "How with this rage shall beauty hold a plea,",
    "Whose action is no stronger than a flower?",
    "O, how shall summer's honey breath hold out",
    "Against the wreckful siege of battering days,",
    "When rocks impregnable are not so stout,",
    "Nor gates of steel so strong, but Time decays?",
    "O fearful meditation! where, alack,",
    "Shall Time's best jewel from Time's chest lie hid?",
    "Or what strong hand can hold his swift foot back?",
    "Or who his spoil of beauty can forbid?",
    "O, none, unless this miracle have might,",
    "That in black ink my love may still shine bright.",
    "That time of year thou mayst in me behold",
    "When yellow leaves, or none, or few, do hang",
    "Upon those boughs which shake against the cold,",
    "Bare ruin'd choirs, where late the sweet birds sang.",
    "In me thou see'st the twilight of such day",
    "As after sunset fadeth in the west;",
    "Which by and by black night doth take away,",
    "Death's second self, that seals up all in rest.",
    "In me thou see'st the glowing of such fire,",
    "That on the ashes of his youth doth lie,",
    "As the death-bed whereon it must expire,",
    "Consumed with that which it was nourish'd by.",
    "This thou perceiv'st, which makes thy love more strong,",
    "To love that well which thou must leave ere long.",
    "Let me not to the marriage of true minds",
    "Admit impediments. Love is not love",
    "Which alters when it alteration finds,",
    "Or bends with the remover to remove:",
    "O, no! it is an ever-fixed mark,",
    "That looks on tempests and is never shaken;",
    "It is the star to every wandering bark,",
    "Whose worth's unknown, although his height be taken.",
    "Love's not Time's fool, though rosy lips and cheeks",
    "Within his bending sickle's compass come;",
    "Love alters not with his brief hours and weeks,",
    "But bears it out even to the edge of doom.",
    "If this be error and upon me proved,",
    "I never writ, nor no man ever loved.",
    "My mistress' eyes are nothing like the sun;",
    "Coral is far more red than her lips' red;",
    "If snow be white, why then her breasts are dun;",
    "If hairs be wires, black wires grow on her head.",
    "I have seen roses damask'd, red and white,",
    "But no such roses see I in her cheeks;",
    "And in some perfumes is there more delight",
    "Than in the breath that from my mistress reeks.",
    "I love to hear her speak, yet well I know",
    "That music hath a far more pleasing sound;",
    "I grant I never saw a goddess go;",
    "My mistress, when she walks, treads on the ground:",
    "And yet, by heaven, I think my love as rare",
    "As any she belied with false compare.",
};

enum { LINES = sizeof lines / sizeof *lines };

/* Every order is as likely (Fisher and Yates). */
static void shuffle(struct random *random, size_t *order)
{
    for (size_t i = LINES; i > 1; i--) {
        size_t other = random_below(random, i), kept = order[i - 1];

        order[i - 1] = order[other];
        order[other] = kept;
    }
}

/* Adds up to `words` words on a line of its own, and returns how many those were. */
static int64_t add_line(const char *line, int64_t words, struct text *text)
{
    size_t length = words_prefix(line, strlen(line), words);

    if (length > 0 && text->length > 0)
        text_add_char(text, '\n');
    text_add(text, line, length);
    return words_count(line, length);
}

int64_t sonnets_add_instruction(int64_t most, struct text *text)
{
    return add_line(instruction, most, text);
}

void sonnets_add_lines(struct random *random, int64_t words, struct text *text)
{
    size_t order[LINES];

    for (size_t i = 0; i < LINES; i++)
        order[i] = i;
    for (size_t i = 0; words > 0; i++) {
        if (i % LINES == 0)
            shuffle(random, order);
        words -= add_line(lines[order[i % LINES]], words, text);
    }
}
