//! What a builder is shown that asks for paths and patterns.

use std::fs;
use std::io::Read;

use super::super::{Context, ContextError, Dockerfile, Item, ItemKind, MapFile, Part, read, share};
use super::{NONE, Tree, context};

const FILES: &str = "Dockerfile, a/b/c.txt, a/b/d.md, a/e.txt, a.b/x, f.txt, g.md, l -> a";

fn bytes(texts: &[&str]) -> Vec<Vec<u8>> {
  texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

async fn items(context: Context, part: Part, paths: &[&str], excluded: &[&str]) -> Vec<Item> {
  let shared = share(context).await.unwrap();
  let mut items = Vec::new();
  let mut show = |item| {
    items.push(item);
    true
  };
  shared.list(part, &bytes(paths), &bytes(excluded), &mut show).unwrap();
  items
}

async fn shown(context: Context, part: Part, paths: &[&str], excluded: &[&str]) -> String {
  let name = |item: &Item| String::from_utf8_lossy(&item.name).into_owned();
  let items = items(context, part, paths, excluded).await;
  items.iter().map(name).collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn shows_what_is_asked_for() {
  let tree = Tree::new(FILES, NONE);
  let all = "Dockerfile, a, a/b, a/b/c.txt, a/b/d.md, a/e.txt, a.b, a.b/x, f.txt, g.md, l";
  for (paths, excluded, expected) in [
    (&[][..], &[][..], all),
    (&["/"], &[], all),
    (&["a/b"], &[], "a, a/b, a/b/c.txt, a/b/d.md"),
    (&["/a/e.txt", "missing/x"], &[], "a, a/e.txt"),
    (&["a/b/c*", "g*"], &[], "a, a/b, a/b/c.txt, g.md"),
    // A link is found by what begins alike, or on the way.
    (&["l/e.txt"], &[], all),
    (&["*.md"], &[], all),
    (&["a/*/c.txt"], &[], all),
    (&[], &["a", "*.md"], "Dockerfile, a.b, a.b/x, f.txt, l"),
    (&[], &["*", "!a/b/d.md"], "a, a/b, a/b/d.md"),
    (&[], &["*", "!**/*.txt"], "a, a/b, a/b/c.txt, a/e.txt, f.txt"),
    (&["a"], &["**/*.txt"], "a, a/b, a/b/d.md"),
  ] {
    let shown = shown(context(&tree, "Dockerfile"), Part::Context, paths, excluded).await;
    let (mut shown, mut expected): (Vec<_>, Vec<_>) =
      (shown.split(", ").collect(), expected.split(", ").collect());
    // The order is that of names as the system compares them: `a`, what is in it, `a.b`.
    assert!(shown.is_sorted_by_key(std::path::Path::new), "{shown:?}");
    shown.sort_unstable();
    expected.sort_unstable();
    assert_eq!(shown, expected, "{paths:?} {excluded:?}");
  }
}

#[tokio::test]
async fn the_dockerfile_is_in_a_directory_of_its_own() {
  let tree = Tree::new("sub/D, sub/D.dockerignore, x", "x");
  let script = shown(context(&tree, "sub/D"), Part::Dockerfile, &["D"], &[]).await;
  assert_eq!(script, "D, D.dockerignore");
  let text = || Context::Directory {
    root: tree.root.clone(),
    dockerfile: Dockerfile::Text("FROM x\n".to_owned()),
  };
  assert_eq!(shown(text(), Part::Dockerfile, &[], &[]).await, "Dockerfile");
  assert_eq!(share(text()).await.unwrap().dockerfile, "Dockerfile");
  assert_eq!(shown(text(), Part::Context, &[".dockerignore"], &[]).await, ".dockerignore");
}

#[tokio::test]
async fn files_in_memory_have_directories() {
  let map = || {
    let files = ["D", "a/x", "a-b", "a/y/z"].map(|name| (name.to_owned(), MapFile::from("text")));
    Context::Map { files: files.into(), dockerfile: "D".to_owned() }
  };
  assert_eq!(shown(map(), Part::Context, &[], &[]).await, "D, a, a/x, a/y, a/y/z, a-b");
  assert_eq!(shown(map(), Part::Context, &[], &["a", "!a/y"]).await, "D, a, a/y, a/y/z, a-b");
  assert_eq!(shown(map(), Part::Context, &["a/x"], &[]).await, "a, a/x");
  assert_eq!(shown(map(), Part::Dockerfile, &[], &[]).await, "D");
}

#[cfg(unix)]
#[tokio::test]
async fn a_time_that_was_set_tells_of_the_change() {
  let tree = Tree::new("Dockerfile, a", NONE);
  let time = async || {
    let items = items(context(&tree, "Dockerfile"), Part::Context, &["a"], &[]).await;
    items[0].modified
  };
  let set = || {
    let file = fs::File::options().write(true).open(tree.root.join("a")).unwrap();
    file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(77)).unwrap();
  };
  let real = fs::metadata(tree.root.join("a")).unwrap().modified().unwrap();
  let real = real.duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
  assert_eq!(i128::from(time().await), i128::try_from(real).unwrap());
  set();
  let first = time().await;
  assert_eq!((first / 1_000_000_000, time().await), (77, first));
  std::thread::sleep(std::time::Duration::from_millis(20));
  set();
  let second = time().await;
  assert!(second / 1_000_000_000 == 77 && second != first);
}

#[cfg(unix)]
#[tokio::test]
async fn hard_links_are_to_what_was_shown() {
  let tree = Tree::new("Dockerfile, b/one, a => b/one, c => b/one", NONE);
  let items = items(context(&tree, "Dockerfile"), Part::Context, &["b", "c"], &[]).await;
  let last = items.last().unwrap();
  assert!(matches!(&last.kind, ItemKind::HardLink { target, .. } if target == b"b/one"));
}

#[tokio::test]
async fn a_file_has_the_size_that_was_told() {
  let tree = Tree::new("Dockerfile, a", NONE);
  let path = tree.root.join("a");
  fs::write(&path, "12345").unwrap();
  let mut text = String::new();
  read(&path, 3).unwrap().read_to_string(&mut text).unwrap();
  assert_eq!(text, "123");
  let error = read(&path, 6).unwrap().read_to_string(&mut text).unwrap_err();
  assert!(error.to_string().ends_with("a changed while it was being packed"), "{error}");
  fs::remove_file(&path).unwrap();
  assert!(matches!(read(&path, 5), Err(ContextError::Changed { .. })));
}
