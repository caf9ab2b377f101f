//! Contexts of chosen files, and what is refused before anything is sent.

use std::path::{Path, PathBuf};

use super::super::{Context, ContextError, Dockerfile};
use super::{AB, NONE, Tree, context, names};

fn files(tree: &Tree, extra: &[&str]) -> Context {
  let extra = extra.iter().map(PathBuf::from).collect();
  Context::Files { root: tree.root.clone(), dockerfile: tree.root.join("Dockerfile"), extra }
}

async fn sent(tree: &Tree, extra: &[&str]) -> String {
  names(files(tree, extra)).await.unwrap().1.join(", ")
}

#[tokio::test]
async fn sends_just_what_was_chosen() {
  let tree = Tree::new(AB, "*");
  assert_eq!(sent(&tree, &[]).await, "Dockerfile");
  assert_eq!(
    sent(&tree, &["g.md", "f.txt", "./f.txt", "Dockerfile"]).await,
    "Dockerfile, f.txt, g.md"
  );
  assert_eq!(sent(&tree, &["a/b/d.md"]).await, "Dockerfile, a/, a/b/, a/b/d.md");
  assert_eq!(
    sent(&tree, &["a/b/d.md", "a/b/", "a/z"]).await,
    "Dockerfile, a/, a/b/, a/b/c.txt, a/b/d.md, a/z/"
  );
  assert_eq!(sent(&tree, &["a/b/../e.txt"]).await, "Dockerfile, a/, a/e.txt");
  let absolute = tree.root.join("a/e.txt");
  assert_eq!(sent(&tree, &[absolute.to_str().unwrap()]).await, "Dockerfile, a/, a/e.txt");
  let all = ".dockerignore, Dockerfile, a/, a/b/, a/b/c.txt, a/b/d.md, a/e.txt, a/z/, f.txt, g.md";
  assert_eq!(sent(&tree, &[".", "a/e.txt"]).await, all);
}

#[cfg(unix)]
#[tokio::test]
async fn a_path_through_a_link_is_one_of_directories() {
  let tree = Tree::new("Dockerfile, a/x, l -> a", NONE);
  assert_eq!(sent(&tree, &["l/x"]).await, "Dockerfile, l/, l/x");
  assert_eq!(sent(&tree, &["l"]).await, "Dockerfile, l");
}

#[tokio::test]
async fn refuses_what_is_outside_or_missing() {
  let tree = Tree::new("Dockerfile, ../x", NONE);
  for outside in ["../x", "a/../../x", "/etc"] {
    let error = names(files(&tree, &[outside])).await.unwrap_err();
    assert!(matches!(error, ContextError::OutsideContext { path } if path == Path::new(outside)));
  }
  let error = names(files(&tree, &["missing"])).await.unwrap_err();
  assert!(matches!(error, ContextError::Unreadable { path, .. } if path.ends_with("missing")));
}

#[tokio::test]
async fn refuses_a_dockerfile_that_is_none() {
  let tree = Tree::new("Dockerfile, d/", NONE);
  let error = names(context(&tree, "missing/Dockerfile.x")).await.unwrap_err();
  assert!(
    matches!(error, ContextError::DockerfileMissing { path } if path.ends_with("missing/Dockerfile.x"))
  );
  let error = names(context(&tree, "d")).await.unwrap_err();
  assert!(matches!(error, ContextError::Unreadable { path, .. } if path.ends_with("d")));
  let file = Context::Directory {
    root: tree.root.join("Dockerfile"),
    dockerfile: Dockerfile::Path("x".into()),
  };
  assert!(matches!(names(file).await.unwrap_err(), ContextError::NotADirectory { .. }));
}

#[tokio::test]
async fn finds_a_dockerfile_by_its_lower_case_name_and_from_the_root() {
  let tree = Tree::new("dockerfile, sub/dokeres-test.dockerfile", NONE);
  assert_eq!(names(context(&tree, "Dockerfile")).await.unwrap().0.to_lowercase(), "dockerfile");
  let dockerfile = PathBuf::from("sub/dokeres-test.dockerfile");
  let relative =
    Context::Directory { root: tree.root.clone(), dockerfile: Dockerfile::Path(dockerfile) };
  assert_eq!(names(relative).await.unwrap().0, "sub/dokeres-test.dockerfile");
}

#[tokio::test]
async fn an_ignore_file_of_the_dockerfiles_own_counts_instead() {
  let tree = Tree::new("sub/D, sub/x, y, z", "y\nsub/D");
  std::fs::write(tree.root.join("sub/D.dockerignore"), "z\n**/D\n.dockerignore").unwrap();
  assert_eq!(
    names(context(&tree, "sub/D")).await.unwrap().1.join(", "),
    "sub/, sub/D, sub/D.dockerignore, sub/x, y"
  );
}

#[tokio::test]
async fn a_bad_pattern_is_named_with_its_line() {
  let tree = Tree::new("Dockerfile", "# comment\n\n  !a[  ");
  let error = names(context(&tree, "Dockerfile")).await.unwrap_err();
  let ContextError::BadIgnorePattern { file, line, pattern, .. } = error else { panic!("{error}") };
  assert!(file.ends_with(".dockerignore"));
  assert_eq!((line, pattern.as_str()), (3, "!a["));
}

#[tokio::test]
async fn a_pattern_that_only_an_expression_refuses_counts_when_it_is_asked() {
  let tree = Tree::new("Dockerfile", "*\nx\\y");
  assert!(names(context(&tree, "Dockerfile")).await.is_ok());
  let tree = Tree::new("Dockerfile, x", "!x\nx\\y");
  assert!(matches!(
    names(context(&tree, "Dockerfile")).await.unwrap_err(),
    ContextError::BadIgnorePattern { line: 2, .. }
  ));
}
