import Foundation
import TestSupport
import Testing

@testable import Support

@Suite struct ChecksumsTests {
  /// FIPS 180-4's examples and others, checked with `sha256sum`.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func `the hash is SHA-256`(text: String, digest: String) {
    for size in [1_000_000, 64, 63, 1].filter({ text.count <= 100 || $0 > 1 }) {
      var hash = SHA256()
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        hash.update(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
      #expect(hash.finish() == digest)
    }
  }

  private func withFolder(_ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("deep"), withIntermediateDirectories: true)
      try Data("one".utf8).write(to: folder.appendingPathComponent("a"))
      try Data("two".utf8).write(to: folder.appendingPathComponent("deep/b"))
      try Checksums.write(in: folder)
      try body(folder)
    }
  }

  @Test func `the list has the form of sha256sum`() throws {
    try withFolder { folder in
      let text = try String(
        contentsOf: folder.appendingPathComponent("SHA256SUMS"), encoding: .utf8)
      #expect(
        text == """
          7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed  a
          3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3  deep/b

          """)
      try Checksums.check(folder, required: ["a", "deep/b"])
    }
  }

  @Test(arguments: ["a", "deep/b"])
  func `a file that is changed, cut short or missing is named`(name: String) throws {
    for change in ["twO", "tw", "", nil] {
      try withFolder { folder in
        let file = folder.appendingPathComponent(name)
        try FileManager.default.removeItem(at: file)
        try change.map { try Data($0.utf8).write(to: file) }
        let error = #expect(throws: FileError.self) {
          try Checksums.check(folder, required: [])
        }
        #expect(error?.path == file.path)
      }
    }
  }

  @Test func `a list that is damaged, leaves a file out or leads elsewhere is refused`() throws {
    let digest = String(repeating: "0", count: 64)
    for list in [
      "x", "\(digest) a\n", "\(digest)  ../a\n", "\(digest)  /etc/passwd\n",
      "\(digest)  deep/../a\n",
      "\(digest)  \n", "\(digest)  deep//b\n",
    ] {
      try withFolder { folder in
        let file = folder.appendingPathComponent("SHA256SUMS")
        try Data(list.utf8).write(to: file)
        let error = #expect(throws: FileError.self) { try Checksums.check(folder, required: []) }
        #expect(error?.path == file.path)
      }
    }
    try withFolder { folder in
      #expect(throws: FileError.self) { try Checksums.check(folder, required: ["a", "c"]) }
      try FileManager.default.removeItem(at: folder.appendingPathComponent("SHA256SUMS"))
      #expect(throws: FileError.self) { try Checksums.check(folder, required: []) }
    }
  }
}
