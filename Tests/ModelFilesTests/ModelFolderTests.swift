import Foundation
import Kernels
import Support
import TestSupport
import Testing
import Transformer

@testable import ModelFiles

@Suite struct ModelFolderTests {
  /// Writes a model and calls `body` with its folder.
  private func withModel(
    _ configuration: Configuration, _ body: (URL, Floats) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let model = folder.appendingPathComponent("model")
      let storage = FloatStorage(count: ParameterLayout(configuration).count)
      fillWithNumbers(storage.floats)
      try ModelFolder.write(
        storage.floats, configuration: configuration,
        sideFiles: SideFiles(files: [
          ("tokenizer.json", Data("{}".utf8)), ("tokenizer_config.json", Data("[]".utf8)),
        ]), card: "# Card\n",
        to: model)
      try body(model, storage.floats)
    }
  }

  /// The description of the `FileError` that `body` throws.
  private func problem(_ body: () throws -> Void) -> String {
    (#expect(throws: FileError.self) { try body() })?.description ?? ""
  }

  /// Writes `model.safetensors` anew from the model's tensors and others.
  private func rewrite(
    _ model: URL, _ configuration: Configuration, _ parameters: Floats,
    _ change: (inout [(name: String, shape: [Int], floats: Floats)]) -> Void
  ) throws {
    var tensors = ParameterLayout(configuration).entries.map {
      (name: $0.name, shape: $0.shape, floats: parameters.slice($0.offset, $0.count))
    }
    change(&tensors)
    try Safetensors.write(tensors, to: model.appendingPathComponent("model.safetensors"))
  }

  /// As in transformers: the tensors decide, not `tie_word_embeddings`.
  @Test func `a head that differs from the embedding is not tied, and one of both is enough`()
    throws
  {
    let (embedding, head) = ("model.embed_tokens.weight", "lm_head.weight")
    let tied = tinyConfiguration(tied: true)
    var untied = tied
    untied.tiesEmbeddings = false
    func read(
      _ configuration: Configuration,
      _ change: (inout [(name: String, shape: [Int], floats: Floats)]) -> Void
    ) throws -> (configuration: Configuration, parameters: [Float]) {
      var result: (Configuration, [Float])?
      try withModel(configuration) { model, parameters in
        try rewrite(model, configuration, parameters, change)
        let read = try ModelFolder.readConfiguration(at: model)
        let storage = FloatStorage(count: ParameterLayout(read).count)
        try ModelFolder.readParameters(at: model, configuration: read, into: storage.floats)
        result = (read, storage.floats.array)
      }
      return try #require(result)
    }
    let plain = try read(tied) { _ in }
    let table = plain.parameters.prefix(tied.vocabularySize * tied.hiddenSize)
    let other = FloatStorage(count: table.count)
    for (index, value) in table.enumerated() { other.floats[index] = value + 1 }
    // The same head twice.
    let same = try read(tied) { tensors in
      tensors += tensors.filter { $0.name == embedding }.map { (head, $0.shape, $0.floats) }
    }
    #expect(same.configuration == tied && same.parameters == plain.parameters)
    // Another head, though the configuration says that they are tied.
    let differs = try read(tied) { tensors in
      tensors.append((head, [tied.vocabularySize, tied.hiddenSize], other.floats))
    }
    #expect(differs.configuration == untied)
    let layout = ParameterLayout(untied)
    let place = try #require(layout.entries.first { $0.name == head })
    #expect(Array(differs.parameters[place.range]) == other.floats.array)
    // The head alone, and the embedding alone though nothing says that they are tied.
    let headAlone = try read(tied) { tensors in
      tensors = tensors.map { ($0.name == embedding ? head : $0.name, $0.shape, $0.floats) }
    }
    #expect(headAlone.configuration == tied && headAlone.parameters == plain.parameters)
    let embeddingAlone = try read(untied) { tensors in
      tensors.removeAll { $0.name == head }
    }
    #expect(embeddingAlone.configuration == tied)
  }

  @Test func `the tokens that end a text are those of both files`() throws {
    try withModel(tinyConfiguration()) { model, _ in
      #expect(try ModelFolder.stopTokens(at: model) == [3])
      let file = model.appendingPathComponent("generation_config.json")
      try Data(#"{"eos_token_id": [5, 3, 7]}"#.utf8).write(to: file)
      #expect(try ModelFolder.stopTokens(at: model) == [3, 5, 7])
      try Data(#"{"eos_token_id": null}"#.utf8).write(to: file)
      #expect(try ModelFolder.stopTokens(at: model) == [3])
      try Data(#"{"eos_token_id": "a"}"#.utf8).write(to: file)
      #expect(problem { _ = try ModelFolder.stopTokens(at: model) }.contains("eos_token_id"))
    }
  }

  @Test(arguments: ModelFamily.all, [true, false])
  func `reads what it wrote`(family: ModelFamily, tied: Bool) throws {
    let configuration = tinyConfiguration(family, tied: tied)
    try withModel(configuration) { model, parameters in
      #expect(
        try names(in: model) == [
          "README.md", "config.json", "model.safetensors", "tokenizer.json",
          "tokenizer_config.json",
        ])
      let settings = try String(
        contentsOf: model.appendingPathComponent("tokenizer_config.json"), encoding: .utf8)
      #expect(settings == "[]")
      #expect(try names(in: model.deletingLastPathComponent()) == ["model"])
      #expect(try ModelFolder.readConfiguration(at: model) == configuration)
      let copy = FloatStorage(count: parameters.count)
      try ModelFolder.readParameters(at: model, configuration: configuration, into: copy.floats)
      #expect(copy.floats.array == parameters.array)
    }
  }

  @Test func `replaces a model but nothing else`() throws {
    let configuration = tinyConfiguration()
    try withModel(configuration) { model, parameters in
      func write() throws {
        try ModelFolder.write(
          parameters, configuration: configuration,
          sideFiles: SideFiles(files: [("tokenizer.json", Data("[]".utf8))]), card: "", to: model)
      }
      try write()
      let tokenizer = model.appendingPathComponent("tokenizer.json")
      #expect(try Data(contentsOf: tokenizer) == Data("[]".utf8))
      try Data().write(to: model.appendingPathComponent("thesis.txt"))
      #expect(problem(write).contains("thesis.txt"))
      #expect(try names(in: model).count == 5)
      #expect(problem { try ModelFolder.checkDestination(tokenizer) }.contains("not a folder"))
      try ModelFolder.checkDestination(model.appendingPathComponent("new/model"))
    }
  }

  @Test func `neither writes nor reads numbers that are not finite`() throws {
    let configuration = tinyConfiguration()
    for value in [Float.nan, .infinity] {
      try withModel(configuration) { model, parameters in
        parameters[100] = value
        let name = ParameterLayout(configuration).entries.first { $0.range.contains(100) }?.name
        let written = problem {
          try ModelFolder.write(
            parameters, configuration: configuration, sideFiles: SideFiles(files: []), card: "",
            to: model)
        }
        #expect(written.contains(name ?? "?") && written.contains("NaN"))
        try rewrite(model, configuration, parameters) { _ in }
        let read = problem {
          try ModelFolder.readParameters(at: model, configuration: configuration, into: parameters)
        }
        #expect(read.contains(name ?? "?") && read.contains("model.safetensors"))
      }
    }
  }

  /// Splits `model.safetensors` in two, with an index; `change` may spoil the index's map.
  private func split(
    _ model: URL, _ configuration: Configuration, _ parameters: Floats,
    _ change: (inout [String: String]) -> Void = { _ in }
  ) throws {
    let entries = ParameterLayout(configuration).entries
    var map: [String: String] = [:]
    for (number, part) in [entries.prefix(5), entries.dropFirst(5)].enumerated() {
      let name = "model-0000\(number + 1)-of-00002.safetensors"
      try Safetensors.write(
        part.map { ($0.name, $0.shape, parameters.slice($0.offset, $0.count)) },
        to: model.appendingPathComponent(name))
      for entry in part { map[entry.name] = name }
    }
    change(&map)
    let index = ["metadata": ["total_size": 1] as Any, "weight_map": map]
    try JSONSerialization.data(withJSONObject: index)
      .write(to: model.appendingPathComponent("model.safetensors.index.json"))
    try? FileManager.default.removeItem(at: model.appendingPathComponent("model.safetensors"))
  }

  @Test func `reads a model that is split over files`() throws {
    let configuration = tinyConfiguration(tied: false)
    try withModel(configuration) { model, parameters in
      try split(model, configuration, parameters)
      #expect(try ModelFolder.readConfiguration(at: model) == configuration)
      let copy = FloatStorage(count: parameters.count)
      try ModelFolder.readParameters(at: model, configuration: configuration, into: copy.floats)
      #expect(copy.floats.array == parameters.array)
      try FileManager.default.removeItem(
        at: model.appendingPathComponent("model-00002-of-00002.safetensors"))
      #expect(
        problem { _ = try ModelFolder.readConfiguration(at: model) }
          .contains("model-00002-of-00002.safetensors: is missing"))
    }
  }

  @Test(arguments: [
    ("model.norm.weight", "../other.safetensors", "own folder"),
    ("model.norm.weight", "/etc/passwd", "own folder"),
    ("model.norm.weight", "model.bin", "own folder"),
    ("model.norm.weight", "model-00001-of-00002.safetensors", "says is in model-00001-of"),
    ("model.norm.weight", "model-00003-of-00002.safetensors", "is missing"),
  ])
  func `refuses an index that is wrong`(tensor: String, file: String, named: String) throws {
    let configuration = tinyConfiguration(tied: false)
    try withModel(configuration) { model, parameters in
      try split(model, configuration, parameters) { $0[tensor] = file }
      let text = problem { _ = try ModelFolder.readConfiguration(at: model) }
      #expect(text.contains(named), "\(text)")
    }
  }

  @Test(arguments: [
    ("pytorch_model.bin", "save_pretrained"), ("consolidated.00.pth", "save_pretrained"),
    ("model.gguf", "name the file"), ("adapter_config.json", "--adapter"),
    ("tf_model.h5", "another library"), ("model-00001-of-00002.safetensors", "index.json"),
  ])
  func `says what a folder holds instead of safetensors`(file: String, advice: String) throws {
    try withModel(tinyConfiguration()) { model, _ in
      try FileManager.default.moveItem(
        at: model.appendingPathComponent("model.safetensors"),
        to: model.appendingPathComponent(file))
      let text = problem { _ = try ModelFolder.readConfiguration(at: model) }
      #expect(text.contains(file) && text.contains(advice), "\(text)")
    }
  }

  /// What the files hold counts.
  @Test(arguments: [
    ("rotary_emb.inv_freq", "model-00001-of-00002.safetensors"),
    ("v_head.summary.weight", "model-00002-of-00002.safetensors"), ("model.norm.weight", nil),
  ])
  func `an index may name too much or too little`(tensor: String, file: String?) throws {
    let configuration = tinyConfiguration(tied: false)
    try withModel(configuration) { model, parameters in
      try split(model, configuration, parameters) { $0[tensor] = file }
      #expect(try ModelFolder.readConfiguration(at: model) == configuration)
      let copy = FloatStorage(count: parameters.count)
      try ModelFolder.readParameters(at: model, configuration: configuration, into: copy.floats)
      #expect(copy.floats.array == parameters.array)
    }
  }

  /// The second of two files is a link to one that lies `place` of the model's folder.
  @Test(arguments: [
    ("..", false), ("deep", false), (".", true), ("../../blobs", true), ("../../other", false),
  ])
  func `follows no link out of its folder`(place: String, isRead: Bool) throws {
    let configuration = tinyConfiguration(tied: false)
    try withModel(configuration) { model, parameters in
      // As in Hugging Face's cache.
      let snapshot = model.deletingLastPathComponent().appendingPathComponent("m/snapshots/1a2b")
      try FileManager.default.createDirectory(
        at: snapshot.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.moveItem(at: model, to: snapshot)
      try split(snapshot, configuration, parameters)
      let file = snapshot.appendingPathComponent("model-00002-of-00002.safetensors")
      let target = snapshot.appendingPathComponent(place + "/target").standardizedFileURL
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.moveItem(at: file, to: target)
      try FileManager.default.createSymbolicLink(
        atPath: file.path, withDestinationPath: place + "/target")
      if isRead {
        #expect(try ModelFolder.readConfiguration(at: snapshot) == configuration)
      } else {
        let text = problem { _ = try ModelFolder.readConfiguration(at: snapshot) }
        #expect(text.contains("00002-of-00002.safetensors: is a link that leads out"), "\(text)")
      }
    }
  }

  @Test func `reads past rotary frequencies of old models`() throws {
    let configuration = tinyConfiguration()
    try withModel(configuration) { model, parameters in
      try rewrite(model, configuration, parameters) {
        $0.append(("model.layers.0.self_attn.rotary_emb.inv_freq", [2], parameters.slice(0, 2)))
      }
      #expect(try ModelFolder.readConfiguration(at: model) == configuration)
    }
  }

  @Test func `refuses tensors that do not fit`() throws {
    let configuration = tinyConfiguration()
    try withModel(configuration) { model, parameters in
      func read() throws { _ = try ModelFolder.readConfiguration(at: model) }
      try rewrite(model, configuration, parameters) { $0.removeLast() }
      #expect(problem(read).contains("\"model.norm.weight\" is missing"))
      try rewrite(model, configuration, parameters) { $0[0].shape.reverse() }
      #expect(problem(read).contains("has the shape [8, 11], expected [11, 8]"))
      try rewrite(model, configuration, parameters) {
        $0.append(("x", [0], parameters.slice(0, 0)))
      }
      #expect(problem(read).contains("\"x\" has no place in the model"))
      try rewrite(model, configuration, parameters) {
        $0.append(("lm_head.weight", [11, 8], parameters.slice(0, 88)))
      }
      try read()
      let other = tinyConfiguration(.llama)
      #expect(
        problem {
          try ModelFolder.readParameters(at: model, configuration: other, into: parameters)
        }.contains("no place"))
      #expect(
        problem {
          try ModelFolder.readParameters(
            at: model, configuration: configuration, into: parameters.slice(0, 3))
        }.contains("3 were given"))
    }
  }

  @Test func `names the file that is wrong`() throws {
    try withModel(tinyConfiguration()) { model, _ in
      func read() throws { _ = try ModelFolder.readConfiguration(at: model) }
      let safetensors = model.appendingPathComponent("model.safetensors")
      let size = try Data(contentsOf: safetensors).count
      #expect(truncate(safetensors.path, size - 1) == 0)
      #expect(problem(read).hasPrefix("\(safetensors.path): is truncated"))
      try FileManager.default.removeItem(at: safetensors)
      #expect(problem(read).contains("model.safetensors: is missing"))
      try Data().write(to: model.appendingPathComponent("model.safetensors.index.json"))
      #expect(problem(read).contains("index.json: is no index of tensors"))
      let configuration = model.appendingPathComponent("config.json")
      try Data("{".utf8).write(to: configuration)
      #expect(problem(read).contains("config.json: is not valid JSON"))
      try FileManager.default.removeItem(at: configuration)
      #expect(problem(read).contains("config.json: is missing"))
      try FileManager.default.removeItem(at: model)
      #expect(problem(read).contains("no such file or folder"))
    }
  }

  /// A configuration whose parameters would not fit in any memory is refused by the file's header.
  @Test func `refuses a configuration that the file does not hold`() throws {
    try withModel(tinyConfiguration()) { model, _ in
      var huge = tinyConfiguration()
      huge.vocabularySize = 1 << 20
      huge.hiddenSize = 1 << 16
      huge.layerCount = 1 << 10
      try ConfigurationFile(huge).encoded().write(to: model.appendingPathComponent("config.json"))
      #expect(
        problem { _ = try ModelFolder.readConfiguration(at: model) }.contains("has the shape"))
    }
  }
}
