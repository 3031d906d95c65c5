//! Inflates every `.json.gz` below a folder on so many threads and prints how many bytes came out: `inflate DIR THREADS`.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder"));
    let threads: usize = arguments.next().expect("a number of threads").parse().expect("a number");
    let mut files = Vec::new();
    find(&folder, &mut files);
    let (next, total) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut decompressor = libdeflater::Decompressor::new();
                let (mut packed, mut room) = (Vec::new(), Vec::new());
                while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    packed.clear();
                    fs::File::open(path).and_then(|mut file| file.read_to_end(&mut packed)).expect("a file");
                    let length = u32::from_le_bytes(*packed.last_chunk().expect("a gzip file")) as usize;
                    if room.len() < length {
                        room = vec![0; length];
                    }
                    let written = decompressor.gzip_decompress(&packed, &mut room).expect("one gzip member");
                    total.fetch_add(written, Ordering::Relaxed);
                }
            });
        }
    });
    println!("{}", total.into_inner());
}

fn find(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            find(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "gz") {
            found.push(path);
        }
    }
}
