//! What docker CLI 28.2 sends (`DOCKER_BUILDKIT=0 docker build`), captured: links, and Dockerfiles in odd places.

use super::{NONE, Tree, context, names};

/// Name, tree, ignore file, Dockerfile given, Dockerfile told to the engine, entries in their order.
#[rustfmt::skip]
const CASES: &[(&str, &str, &str, &str, &str, &str)] = &[
    ("Dockerfile below, everything ignored", "sub/Dockerfile.x, sub/y, sub/deep/z, x", "**", "sub/Dockerfile.x", "sub/Dockerfile.x", ".dockerignore, sub/Dockerfile.x"),
    ("its directory ignored", "sub/Dockerfile, sub/y, x", "sub", "sub/Dockerfile", "sub/Dockerfile", ".dockerignore, sub/Dockerfile, x"),
    ("exemption opens a directory for other negations", "sub/Dockerfile, sub/keep, sub/y, other/keep", "*\n!**/keep", "sub/Dockerfile", "sub/Dockerfile", ".dockerignore, sub/Dockerfile, sub/keep"),
    ("Dockerfile is a symlink", "docker/Dockerfile.real, Dockerfile -> docker/Dockerfile.real, x", "docker", "Dockerfile", "docker/Dockerfile.real", ".dockerignore, Dockerfile, docker/Dockerfile.real, x"),
    ("Dockerfile outside", "../Dockerfile, x, y", "y", "../Dockerfile", ".dockerfile.RANDOM", ".dockerfile.RANDOM, .dockerignore, x"),
    ("Dockerfile outside, no ignore file", "../Dockerfile, x, y", NONE, "../Dockerfile", ".dockerfile.RANDOM", ".dockerfile.RANDOM, .dockerignore, x, y"),
    ("Dockerfile outside, everything ignored", "../Dockerfile, x, y", "**", "../Dockerfile", ".dockerfile.RANDOM", ".dockerfile.RANDOM, .dockerignore"),
    ("symlinks", "Dockerfile, a/x, l -> a, m -> a/x, dangling -> nowhere, up -> ../.., a/self -> .", "m", "Dockerfile", "Dockerfile", ".dockerignore, Dockerfile, a/, a/self, a/x, dangling, l, up"),
    ("ignored symlink target", "Dockerfile, a/x, l -> a", "a", "Dockerfile", "Dockerfile", ".dockerignore, Dockerfile, l"),
    ("hard links", "Dockerfile, b/one, a => b/one, c => b/one, z/y => b/one, q, r => q", "b", "Dockerfile", "Dockerfile", ".dockerignore, Dockerfile, a, c, q, r, z/, z/y"),
];

#[tokio::test]
async fn sends_what_the_cli_sends() {
  for &(name, files, ignore, given, told, sent) in CASES {
    let tree = Tree::new(files, ignore);
    let (dockerfile, mut names) = names(context(&tree, given)).await.unwrap();
    if told == ".dockerfile.RANDOM" {
      assert!(dockerfile.len() == 32 && names.contains(&dockerfile), "{name}");
      for name in &mut names {
        *name = name.replace(&dockerfile, told);
      }
      // The CLI adds the last two in any order.
      names.sort();
    } else {
      assert_eq!(dockerfile, told, "{name}");
    }
    assert_eq!(names.join(", "), sent, "{name}");
  }
}
