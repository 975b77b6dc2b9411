using System.Text;
using Gemini.Interfaces.Files;
using Gemini.Silo.Configuration;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Silo.Hosting;

/// <summary>
/// The exclusive right to the folder of one host, for as long as this process lives. Two silos in one folder would take each other's socket, trainers
/// and segments. The kernel releases the lock when the process ends.
/// </summary>
internal sealed class HostLock : IDisposable
{
    private readonly SafeFileHandle _file;

    private HostLock(SafeFileHandle file) => _file = file;

    /// <summary>Takes the lock, and makes the host's folder if it is not there.</summary>
    /// <exception cref="BadInputException">Another process has the lock; the message names that process.</exception>
    /// <exception cref="UntrustedFileException">Another user can use the folder too.</exception>
    public static HostLock Take(HostConfiguration configuration)
    {
        configuration.Paths.EnsureDirectory();
        var (name, here) = (configuration.Host.Name, configuration.Host.EndpointOf(configuration.Host.SiloPort));
        var file = PrivateFile.OpenOrCreate(configuration.Paths.HostLock);
        if (!PrivateFile.TryLock(file))
        {
            using (file)
            {
                throw new BadInputException(
                    $"host.name is \"{name}\", but host {name} of job {configuration.Job.Name} runs on this machine already ({Holder(file)}), and this one "
                    + $"would be at {here}; two hosts cannot have the same name. Correct host.name, or stop the other host first.");
            }
        }

        RandomAccess.SetLength(file, 0);
        RandomAccess.Write(file, Encoding.UTF8.GetBytes($"process {Environment.ProcessId}, at {here}"), 0);
        return new HostLock(file);
    }

    public void Dispose() => _file.Dispose();

    private static string Holder(SafeFileHandle file)
    {
        var text = new byte[RandomAccess.GetLength(file)];
        return Encoding.UTF8.GetString(text.AsSpan(0, RandomAccess.Read(file, text, 0)));
    }
}
