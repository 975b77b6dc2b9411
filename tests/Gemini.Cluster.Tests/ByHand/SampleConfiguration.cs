using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>
/// The files of deploy/hosts with other ports, other folders and another length of the run, and the secret that the files name, made as their README
/// makes it.
/// </summary>
internal sealed class SampleConfiguration
{
    private readonly TestFolders _folders;
    private readonly string _redis;

    public SampleConfiguration(TestFolders folders, string redis)
    {
        _folders = folders;
        _redis = redis;
        var key = Path.Combine(folders.Root, "job.key");
        File.WriteAllText(key, Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public string PathOf(string host) => Path.Combine(_folders.Root, host + ".json");

    /// <param name="host">Name of a sample file.</param>
    /// <param name="iterations">Length of the run.</param>
    /// <param name="change">Other changes.</param>
    public void Write(string host, long iterations, Action<JsonNode>? change = null)
    {
        var sample = File.ReadAllText(Repository.PathOf($"deploy/hosts/{host}.json"));
        var json = JsonNode.Parse(sample, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })!;
        foreach (var port in (string[])["siloPort", "gatewayPort", "dataPort", "webPort"]) json["host"]![port] = TestPorts.Free.Next();
        json["redis"] = _redis;
        json["memoryRoot"] = _folders.Memory;
        json["trainer"]!["arguments"] = new JsonArray(
            "--model", "gpt2-nano", "--iterations", iterations.ToString(CultureInfo.InvariantCulture), "--seed", "1");
        change?.Invoke(json);
        File.WriteAllText(PathOf(host), json.ToJsonString());
    }
}
