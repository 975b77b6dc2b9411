namespace Gemini.Silo.Persistence;

/// <summary>
/// The file operations that change a <see cref="DirectoryStore"/>. At each one the machine can die or the disk can fail. All throw
/// <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
/// </summary>
internal interface IStoreFiles
{
    /// <summary>Makes the directory if it does not exist; its parent exists. Only this user can change its content.</summary>
    void EnsureDirectory(string path);

    /// <summary>Makes sure that no other user can change the content of an existing directory. Makes no change that a crash could undo.</summary>
    /// <exception cref="Gemini.Interfaces.Files.UntrustedFileException">Another user can change it. The message names the fix.</exception>
    void CheckDirectory(string path);

    /// <summary>Opens an empty file for writing, and replaces an existing file of that name.</summary>
    IStoreFile Create(string path);

    /// <summary>Gives the file its final name in one step, and replaces an existing file of that name.</summary>
    void Rename(string source, string target);

    /// <summary>Makes the names in this directory durable.</summary>
    void FlushDirectory(string path);

    void Delete(string path);

    /// <summary>Removes an empty directory.</summary>
    void DeleteDirectory(string path);
}
