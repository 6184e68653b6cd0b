import Files

/// A file or folder of a model or a run that cannot be read or written.
public typealias CheckpointError = FileError

/// Files and folders that are seen whole or not at all.
public typealias AtomicFile = Files.AtomicFile
