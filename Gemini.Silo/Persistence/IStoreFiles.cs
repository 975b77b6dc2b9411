namespace Gemini.Silo.Persistence;

/// <summary>
/// The file operations that change a <see cref="DirectoryStore"/>, each a point at which a machine can die or a disk can fail.
/// All throw <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
/// </summary>
internal interface IStoreFiles
{
    /// <summary>Makes the directory if it is not there, below one that is.</summary>
    void EnsureDirectory(string path);

    /// <summary>Opens an empty file for writing, replacing one of that name.</summary>
    IStoreFile Create(string path);

    /// <summary>Gives the file its final name, replacing one of that name, in one step.</summary>
    void Rename(string source, string target);

    /// <summary>Makes names in this directory durable.</summary>
    void FlushDirectory(string path);

    void Delete(string path);

    /// <summary>Removes an empty directory.</summary>
    void DeleteDirectory(string path);
}
