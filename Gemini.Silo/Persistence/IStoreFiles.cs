namespace Gemini.Silo.Persistence;

/// <summary>
/// The file operations that change a <see cref="DirectoryStore"/>, each a point at which a machine can die or a disk can fail.
/// All throw <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
/// </summary>
internal interface IStoreFiles
{
    /// <summary>Makes the directory if it is not there, below one that is. Only this user can change what is in it.</summary>
    void EnsureDirectory(string path);

    /// <summary>Makes sure that no other user can change what is in a directory that exists. Changes nothing that a crash could undo.</summary>
    /// <exception cref="Gemini.Interfaces.Files.UntrustedFileException">Another user can. The message names the fix.</exception>
    void CheckDirectory(string path);

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
