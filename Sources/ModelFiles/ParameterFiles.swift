import Foundation
import Kernels
import Support

/// The tensors of a model folder: those of `model.safetensors`, or of the several files that
/// `model.safetensors.index.json` names for them.
struct ParameterFiles {
  static let name = "model.safetensors"
  static let indexName = name + ".index.json"
  /// The largest index that is read.
  private static let maxIndexSize = 32 << 20

  /// What an error is about where no one tensor is: the file, or the index.
  let url: URL
  private let files: [(url: URL, tensors: Safetensors)]
  /// The number of the file that holds a tensor.
  private let places: [String: Int]

  /// Opens the files and checks that each holds what the index says and nothing else.
  ///
  /// - Throws: `FileError` naming the file, what is wrong and the mend.
  init(in folder: URL) throws {
    let single = folder.appendingPathComponent(Self.name)
    let index = folder.appendingPathComponent(Self.indexName)
    if AtomicFile.kind(of: single) != nil || AtomicFile.kind(of: index) == nil {
      url = single
      let tensors = try FileError.naming(single) { try Safetensors(contentsOf: single) }
      files = [(single, tensors)]
      places = Dictionary(
        tensors.tensors.map { ($0.name, 0) }, uniquingKeysWith: { first, _ in first })
      return
    }
    url = index
    let map = try FileError.naming(index) { try Self.weightMap(index) }
    files = try Set(map.values).sorted().map { name in
      let url = folder.appendingPathComponent(name)
      try Self.check(url, isInside: folder)
      return (url, try FileError.naming(url) { try Safetensors(contentsOf: url) })
    }
    let numbers = Dictionary(
      uniqueKeysWithValues: files.enumerated().map { ($1.url.lastPathComponent, $0) })
    places = map.compactMapValues { numbers[$0] }
    for (number, file) in files.enumerated() {
      for tensor in file.tensors.tensors where places[tensor.name] != number {
        throw FileError(
          file.url,
          "holds \(quoted(tensor.name)), which \(Self.indexName) does not say is there; download the "
            + "model again")
      }
    }
    for (name, number) in places {
      _ = try FileError.naming(files[number].url) {
        try files[number].tensors.tensor(named: name)
      }
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
        "places \(quoted(tensor)) in \(quoted(file)); it must name a .safetensors file in the model's "
          + "own folder")
    }
    return index.weightMap
  }

  /// Refuses a file that a link leads out of the model's folder, so that an index from elsewhere names no
  /// file of this machine. Hugging Face's cache is let through: its `snapshots/REVISION/` are links into
  /// `blobs/`.
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

  /// The names of all tensors.
  var names: some Sequence<String> { places.keys }

  /// - Throws: `SafetensorsError.missingTensor`.
  func tensor(named name: String) throws -> Safetensors.Tensor {
    guard let place = places[name] else { throw SafetensorsError.missingTensor(name) }
    return try files[place].tensors.tensor(named: name)
  }

  /// Reads one tensor into `destination`.
  ///
  /// - Throws: `FileError` naming its file.
  func floats(named name: String, into destination: Floats) throws {
    guard let place = places[name] else { throw SafetensorsError.missingTensor(name) }
    try FileError.naming(files[place].url) {
      try files[place].tensors.floats(named: name, into: destination)
      guard destination.isFinite else { throw SafetensorsError.notFinite(tensor: name) }
    }
  }
}
