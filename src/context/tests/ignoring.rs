//! What docker CLI 28.2 sends (`DOCKER_BUILDKIT=0 docker build`), captured: ignore files of all kinds.

use super::{AB, NONE, REFUSED, Tree, context, names};

/// Name, tree, ignore file, entries in their order.
#[rustfmt::skip]
const CASES: &[(&str, &str, &str, &str)] = &[
    ("no ignore file", AB, NONE, "Dockerfile, a/, a/b/, a/b/c.txt, a/b/d.md, a/e.txt, a/z/, f.txt, g.md"),
    ("empty ignore file", AB, "", ".dockerignore, Dockerfile, a/, a/b/, a/b/c.txt, a/b/d.md, a/e.txt, a/z/, f.txt, g.md"),
    ("star", AB, "*", ".dockerignore, Dockerfile"),
    ("star and a negation", AB, "*\n!f.txt", ".dockerignore, Dockerfile, f.txt"),
    ("nested negation", AB, "*\n!a/b", ".dockerignore, Dockerfile, a/b/, a/b/c.txt, a/b/d.md"),
    ("negated file below an ignored directory", AB, "a\n!a/b/c.txt", ".dockerignore, Dockerfile, a/b/c.txt, f.txt, g.md"),
    ("negation undone", AB, "*\n!a\na/b\n!a/b/d.md", ".dockerignore, Dockerfile, a/, a/b/d.md, a/e.txt, a/z/"),
    ("negated ** is not looked for below ignored directories", AB, "*\n!**/c.txt", ".dockerignore, Dockerfile"),
    ("negated ** at the top", AB, "**\n!**/c.txt\n!g.md", ".dockerignore, Dockerfile, g.md"),
    ("negated * below", AB, "a\n!a/*/c.txt", ".dockerignore, Dockerfile, f.txt, g.md"),
    ("negation with a shared prefix", "Dockerfile, ab/x, a/x, abc/x", "*\n!ab", ".dockerignore, Dockerfile, ab/, ab/x"),
    ("double star suffix", AB, "**/*.md", ".dockerignore, Dockerfile, a/, a/b/, a/b/c.txt, a/e.txt, a/z/, f.txt"),
    ("double star name", "Dockerfile, n/x, s/n/x, s/t/n/x, s/nn/x, xn", "**/n", ".dockerignore, Dockerfile, s/, s/nn/, s/nn/x, s/t/, xn"),
    ("double star glued", "Dockerfile, n, xn, s/xn, s/nx", "**n", ".dockerignore, Dockerfile, s/, s/nx"),
    ("trailing double star", AB, "a/**", ".dockerignore, Dockerfile, a/, f.txt, g.md"),
    ("trailing double star, then the directory", AB, "a/**\n!a/b/**", ".dockerignore, Dockerfile, a/, a/b/c.txt, a/b/d.md, f.txt, g.md"),
    ("prefix double star", "Dockerfile, ab/x, a/x, b/a/x, a.txt", "a**", ".dockerignore, Dockerfile, b/, b/a/, b/a/x"),
    ("inner double star", "Dockerfile, a/z, a/b/z, a/b/c/z, b/a/z, az", "a/**/z", ".dockerignore, Dockerfile, a/, a/b/, a/b/c/, az, b/, b/a/, b/a/z"),
    ("three stars", AB, "***", ".dockerignore, Dockerfile"),
    ("two double stars", "Dockerfile, a/n/q, n/q, a/b/n/c/q, q", "**/n/**/q", ".dockerignore, Dockerfile, a/, a/b/, a/b/n/, a/b/n/c/, a/n/, n/, q"),
    ("directory with trailing slash", AB, "a/", ".dockerignore, Dockerfile, f.txt, g.md"),
    ("trailing slash matches a file too", AB, "f.txt/", ".dockerignore, Dockerfile, a/, a/b/, a/b/c.txt, a/b/d.md, a/e.txt, a/z/, g.md"),
    ("absolute pattern", AB, "/a/b\n!/a/b/c.txt", ".dockerignore, Dockerfile, a/, a/b/c.txt, a/e.txt, a/z/, f.txt, g.md"),
    ("dot dot", AB, "a/../f.txt\n../g.md\n/../a/e.txt\n./a//b/./d.md", ".dockerignore, Dockerfile, a/, a/b/, a/b/c.txt, a/z/, g.md"),
    ("the root itself", AB, ".\n/\n./", ".dockerignore, Dockerfile, a/, a/b/, a/b/c.txt, a/b/d.md, a/e.txt, a/z/, f.txt, g.md"),
    ("comments", "Dockerfile, #x,  #y, z", "#z\n #y\n\\#x\n  z  \n", " #y, .dockerignore, Dockerfile"),
    ("byte order mark", AB, "\u{feff}f.txt\n\u{feff}g.md", ".dockerignore, Dockerfile, a/, a/b/, a/b/c.txt, a/b/d.md, a/e.txt, a/z/, g.md"),
    ("carriage returns", AB, "f.txt\r\n!g.md\r\na\r\n", ".dockerignore, Dockerfile, g.md"),
    ("blanks around", AB, "  \t f.txt \t\n!  g.md\n\n   \n!a/e.txt", ".dockerignore, Dockerfile, a/, a/b/, a/b/c.txt, a/b/d.md, a/e.txt, a/z/, g.md"),
    ("question mark", "Dockerfile, a1, a12, aé, a", "a?", ".dockerignore, Dockerfile, a, a12"),
    ("star stays within a segment", "Dockerfile, a/x.log, x.log, a/b/x.log", "*/*.log", ".dockerignore, Dockerfile, a/, a/b/, a/b/x.log, x.log"),
    ("character class", "Dockerfile, a1, a2, a3, ab, a-", "a[1-2]\na[x\\-]", ".dockerignore, Dockerfile, a3, ab"),
    ("negated class", "Dockerfile, a1, a2, ab, a^", "a[^0-9]", ".dockerignore, Dockerfile, a1, a2"),
    ("exclamation mark in a class is literal", "Dockerfile, a1, a!", "a[!1]", ".dockerignore, Dockerfile"),
    ("posix class", "Dockerfile, a1, ab, aB", "a[[:lower:]]", ".dockerignore, Dockerfile, a1, aB"),
    ("bracket in a class", "Dockerfile, a[, a], a&, ab, a-, a~", "a[[&&~]\na[\\]]", ".dockerignore, Dockerfile, a-, ab"),
    ("star in a class", "Dockerfile, a*, a], a^^], a[], ab", "a[*]", ".dockerignore, Dockerfile, a*, ab"),
    ("question mark in a class", "Dockerfile, a?, a], a^], a[], ab", "a[?]", ".dockerignore, Dockerfile, a?, a], ab"),
    ("escapes", "Dockerfile, a*, ab, a?, ac, x y, !n, a<, a_", "a\\*\na\\?\nx\\ y\n\\!n\na\\<\na\\_", ".dockerignore, Dockerfile, ab, ac"),
    ("escaped letters are regexp classes", "Dockerfile, a1, ad, a٤, aw, a-, as", "a\\d\na\\W", ".dockerignore, Dockerfile, ad, as, aw"),
    ("regexp characters are plain", "Dockerfile, a.b, axb, a+, aa, a(b), a{1}, a|b, a$, a^b", "a.b\na+*\na(b)*\na{1}*\na|b*\na$*", ".dockerignore, Dockerfile"),
    ("caret and star", "Dockerfile, a^b, ab", "a^*", ".dockerignore, Dockerfile, a^b, ab"),
    ("double negation", "Dockerfile, !x, x", "*\n!!x", "!x, .dockerignore, Dockerfile"),
    ("slash then exclamation mark", "Dockerfile, x, y", "*\n/!x", ".dockerignore, Dockerfile, x"),
    ("unicode names", "Dockerfile, déjà/vu, déjà/日本, e\u{301}, é, 😀.txt", "d?j*/vu\né\n*.tx?", ".dockerignore, Dockerfile, déjà/, déjà/日本, e\u{301}"),
    ("Dockerfile and ignore file ignored", "Dockerfile, x", "Dockerfile\n.dockerignore", ".dockerignore, Dockerfile, x"),
    ("everything ignored", "Dockerfile, x, y/z", "**", ".dockerignore, Dockerfile"),
    ("empty directories", "Dockerfile, e/, f/g/, h/i/, h/j/", "h/i\nf/g", ".dockerignore, Dockerfile, e/, f/, h/, h/j/"),
    ("order", "Dockerfile, a/x, a.txt, a-b, A, a0, B/c, _", NONE, "A, B/, B/c, Dockerfile, _, a/, a/x, a-b, a.txt, a0"),
    ("case matters", "Dockerfile, A, a", "A", ".dockerignore, Dockerfile, a"),
    ("bad class", "Dockerfile, a", "a[", REFUSED),
    ("bad range", "Dockerfile, a", "a[z-a]", REFUSED),
    ("bad escape", "Dockerfile, a", "x\\", REFUSED),
    ("bad regexp escape", "Dockerfile, a", "x\\y", REFUSED),
    ("lone exclamation mark", "Dockerfile, a", "a\n!", REFUSED),
    ("empty class", "Dockerfile, a", "[]a]", REFUSED),
    ("class that begins with a dash", "Dockerfile, a1", "a[-x]", REFUSED),
    ("braces and bars", "Dockerfile, a.b, axb, cab, a{1}, bb, cbb, c{x,y}z, cx, ddd, dd, d{2}", "c{x,y}*\nd{2}?\nx|b*", ".dockerignore, Dockerfile, a{1}, cx, dd, d{2}"),
    ("braces repeat only with an operand", "Dockerfile, a, {2}", "{2}*", ".dockerignore, Dockerfile"),
    ("dollar, plus and brackets are plain", "Dockerfile, a+, aa, a(b), ab, a$, a.c, axc", "a+*\na(b)*\n*$*\na.?", ".dockerignore, Dockerfile, aa, ab, axc"),
    ("brace after a star", "Dockerfile, a, aa", "a*{2}", REFUSED),
    ("lone bracket", "Dockerfile, a, a], ]", "a]*\n]", ".dockerignore, Dockerfile, a"),
    ("bracket after a class", "Dockerfile, a], a, b]", "[a]]", ".dockerignore, Dockerfile, a, b]"),
];

#[tokio::test]
async fn sends_what_the_cli_sends() {
  for &(name, files, ignore, sent) in CASES {
    let tree = Tree::new(files, ignore);
    let outcome = names(context(&tree, "Dockerfile")).await;
    let shown = outcome.map_or(REFUSED.to_owned(), |(_, names)| names.join(", "));
    assert_eq!(shown, sent, "{name}");
  }
}
