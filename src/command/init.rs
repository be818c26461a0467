use std::path::{Path, PathBuf};

use crate::session::{Exit, Failure, Session};

/// Make a folder with a new stack and a handler that builds
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The stack's name, and the folder's; or a path that ends in it
    name: PathBuf,
}

/// The template's files; `{{name}}` stands for the stack's name.
const FILES: [(&str, &str); 6] = [
    ("stack.toml", include_str!("../template/stack.toml")),
    ("Cargo.toml", include_str!("../template/Cargo.toml.in")),
    ("handlers/hello/Cargo.toml", include_str!("../template/handlers/hello/Cargo.toml.in")),
    ("handlers/hello/src/main.rs", include_str!("../template/handlers/hello/src/main.rs")),
    (".gitignore", include_str!("../template/gitignore")),
    ("README.md", include_str!("../template/README.md")),
];

pub fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let root = &args.name;
    let name = name(root)?;
    let files = FILES.map(|(path, text)| (root.join(path), text.replace("{{name}}", name)));
    // The template is right, but `--stage` may not be: that is told before anything is written.
    let (stack, text) = &files[0];
    crate::stack::read::parse(text, stack, &session.global.stage).map_err(Failure::Stack)?;
    empty(root)?;
    for (path, text) in &files {
        write(path, text).map_err(|source| Failure::io(format!("write {}", path.display()), source))?;
    }
    if session.ui.is_json() {
        let files: Vec<&PathBuf> = files.iter().map(|(path, _)| path).collect();
        session.ui.document(&serde_json::json!({ "name": name, "files": files }));
    } else {
        for (path, _) in &files {
            session.ui.data(format_args!("+ {}", path.display()));
        }
        session.ui.talk(format_args!("next: cd {} && memoctl dev", root.display()));
    }
    Ok(Exit::Done)
}

/// The stack's name: how the path ends.
fn name(root: &Path) -> Result<&str, Failure> {
    let Some(name) = root.file_name() else {
        return Err(Failure::Usage {
            error: format!("{} does not end in a name for the stack", root.display()),
            hint: "`memoctl init NAME` makes a folder of that name".to_owned(),
        });
    };
    let text = name.to_str().unwrap_or_default();
    crate::stack::name_fault(text).map_or(Ok(text), |hint| {
        Err(Failure::Usage { error: format!("`{}` cannot be the name of a stack", name.display()), hint })
    })
}

/// Refuses a folder that has something in it.
fn empty(root: &Path) -> Result<(), Failure> {
    match std::fs::read_dir(root) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(Failure::Usage {
                error: format!("{} is not empty", root.display()),
                hint: "choose another name, or an empty folder".to_owned(),
            }),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(Failure::io(format!("read {}", root.display()), source)),
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)
}
