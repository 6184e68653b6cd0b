import Foundation
import Kernels
import Support

/// The tensors of a model folder: those of `model.safetensors`, or of the several files that
/// `model.safetensors.index.json` names.
struct SafetensorsFolder: TensorSource {
  static let name = "model.safetensors"
  static let indexName = name + ".index.json"
  /// The largest index that is read.
  private static let maxIndexSize = 32 << 20

  let url: URL
  private let files: [Safetensors]
  /// For each tensor the number of its file.
  private let fileNumbers: [String: Int]

  /// Opens the files.
  ///
  /// - Throws: `FileError` naming the file, what is wrong and the fix.
  init(in folder: URL) throws {
    let single = folder.appendingPathComponent(Self.name)
    let index = folder.appendingPathComponent(Self.indexName)
    if AtomicFile.kind(of: single) != nil || AtomicFile.kind(of: index) == nil {
      url = single
      if AtomicFile.kind(of: single) == nil { try Self.refuseOtherFiles(in: folder) }
      let file = try FileError.naming(single) { try Safetensors(contentsOf: single) }
      files = [file]
      fileNumbers = Dictionary(
        file.tensors.map { ($0.name, 0) }, uniquingKeysWith: { first, _ in first })
      return
    }
    url = index
    let map = try FileError.naming(index) { try Self.weightMap(index) }
    files = try Set(map.values).sorted().map { name in
      let url = folder.appendingPathComponent(name)
      try Self.check(url, isInside: folder)
      return try FileError.naming(url) { try Safetensors(contentsOf: url) }
    }
    let numbers = Dictionary(
      uniqueKeysWithValues: files.enumerated().map { ($1.url.lastPathComponent, $0) })
    // What a file holds counts; the index may name tensors that no model needs.
    var fileNumbers: [String: Int] = [:]
    for (number, file) in files.enumerated() {
      for tensor in file.tensors {
        let other = fileNumbers.updateValue(number, forKey: tensor.name)
        if let other {
          throw FileError(
            file.url,
            "holds \(quoted(tensor.name)), which is in \(files[other].url.lastPathComponent) too; "
              + "download the model again")
        }
        if let said = map[tensor.name].flatMap({ numbers[$0] }), said != number {
          throw FileError(
            file.url,
            "holds \(quoted(tensor.name)), which \(Self.indexName) says is in "
              + "\(files[said].url.lastPathComponent); download the model again")
        }
      }
    }
    self.fileNumbers = fileNumbers
  }

  /// Says which other form of a model's weights a folder holds, and the way out.
  private static func refuseOtherFiles(in folder: URL) throws {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let forms: [(isForm: (String) -> Bool, advice: String)] = [
      (
        { $0.hasPrefix("pytorch_model") || $0.hasSuffix(".pth") || $0.hasSuffix(".pt") },
        "a pickle of PyTorch, which can run code when it is read; load it with transformers and save "
          + "it with save_pretrained(…), which writes safetensors"
      ),
      ({ $0.hasSuffix(".gguf") }, "a GGUF file; name the file instead of the folder"),
      (
        { $0 == "adapter_config.json" },
        "a description of an adapter; name its model with --model and this folder with --adapter"
      ),
      (
        { $0.hasSuffix(".h5") || $0.hasSuffix(".msgpack") || $0.hasSuffix(".onnx") },
        "weights of another library; load the model with transformers and save it with "
          + "save_pretrained(…), which writes safetensors"
      ),
      (
        { $0.hasSuffix(".safetensors") },
        "safetensors, but no \(indexName), which names the parts of a model; download it too, or "
          + "rename a single file to \(name)"
      ),
    ]
    for form in forms {
      guard let found = names.filter(form.isForm).min() else { continue }
      throw FileError(
        folder, "has no \(name); it holds \(quoted(found)), \(form.advice)")
    }
  }

  private struct Index: Decodable {
    let weightMap: [String: String]
    enum CodingKeys: String, CodingKey { case weightMap = "weight_map" }
  }

  private static func weightMap(_ url: URL) throws -> [String: String] {
    let bytes = try InputFile.contents(of: url, limit: maxIndexSize)
    let index: Index
    do {
      // Foundation's parser is only given what is nested within bounds.
      try JSONScanner.check(bytes)
      index = try JSONDecoder().decode(Index.self, from: Data(bytes))
    } catch {
      throw FileError(
        url, "is no index of tensors: it needs a \"weight_map\" from names to files")
    }
    for (tensor, file) in index.weightMap
    where file.contains("/") || file.contains("\0") || !file.hasSuffix(".safetensors") {
      throw FileError(
        url,
        "places \(quoted(tensor)) in \(quoted(file)); it must name a .safetensors file in the "
          + "model's own folder")
    }
    return index.weightMap
  }

  /// Refuses a link that leads out of the model's folder, so that an index from elsewhere cannot
  /// name other files of this machine.
  ///
  /// Links within Hugging Face's cache are allowed: from `snapshots/REVISION/` into `blobs/`.
  private static func check(_ file: URL, isInside folder: URL) throws {
    let home = folder.resolvingSymlinksInPath()
    var allowed = [home]
    let snapshots = home.deletingLastPathComponent()
    if snapshots.lastPathComponent == "snapshots" {
      allowed.append(snapshots.deletingLastPathComponent().appendingPathComponent("blobs"))
    }
    let target = file.resolvingSymlinksInPath().deletingLastPathComponent()
    guard allowed.contains(where: { $0.path == target.path }) else {
      throw FileError(
        file, "is a link that leads out of the model's folder; put the file itself there")
    }
  }

  // MARK: Tensors

  var tensorNames: [String] { Array(fileNumbers.keys) }

  func file(ofTensor name: String) -> URL {
    fileNumbers[name].map { files[$0].url } ?? url
  }

  func shape(ofTensor name: String) throws -> [Int] {
    try file(of: name).shape(ofTensor: name)
  }

  func checkType(ofTensor name: String) throws {
    try file(of: name).checkType(ofTensor: name)
  }

  func readFloats(ofTensor name: String, into destination: Floats) throws {
    try file(of: name).readFloats(ofTensor: name, into: destination)
  }

  private func file(of name: String) throws -> Safetensors {
    guard let number = fileNumbers[name] else { throw TensorError.missing(name) }
    return files[number]
  }
}
