using Gemini.Silo.Persistence;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>
/// A machine that dies, or a disk that fails, at the n-th file operation. A dead machine does nothing afterwards, not even clean up.
/// </summary>
internal sealed class DyingFiles(int operations, bool staysDead = true) : IStoreFiles
{
    private readonly PosixStoreFiles _files = new();
    private int _left = operations;

    /// <summary>Operations done, in order.</summary>
    public List<string> Log { get; } = [];

    public bool HasFailed { get; private set; }

    public void EnsureDirectory(string path) => Do("mkdir", path, () => _files.EnsureDirectory(path));

    public void CheckDirectory(string path) => _files.CheckDirectory(path);

    public IStoreFile Create(string path)
    {
        Do("create", path, () => { });
        return new DyingFile(this, path, _files.Create(path));
    }

    public void Rename(string source, string target) => Do("rename", target, () => _files.Rename(source, target));

    public void FlushDirectory(string path) => Do("fsync", path, () => _files.FlushDirectory(path));

    public void Delete(string path) => Do("unlink", path, () => _files.Delete(path));

    public void DeleteDirectory(string path) => Do("rmdir", path, () => _files.DeleteDirectory(path));

    private void Do(string operation, string path, Action action)
    {
        if (_left == 0 && !(HasFailed && !staysDead))
        {
            HasFailed = true;
            throw new IOException($"injected at {operation} {path}");
        }

        if (_left > 0) _left--;
        Log.Add($"{operation} {Path.GetFileName(path)}");
        action();
    }

    private sealed class DyingFile(DyingFiles files, string path, IStoreFile file) : IStoreFile
    {
        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            files.Do("write", path, () => { });
            file.Write(bytes, offset);
        }

        public void Flush() => files.Do("fsync", path, file.Flush);

        public void Dispose() => file.Dispose();
    }
}
