using System.Text;

namespace Gemini.Trainer.Data;

/// <summary>Training text as bytes: one byte is one token, so any text works without a tokenizer.</summary>
internal sealed class ByteCorpus
{
    /// <summary>The most bytes that are read. Enough text for models that a CPU can train. Each rank holds the text in memory.</summary>
    public const int DefaultLimitBytes = 64 << 20;

    private static readonly HashSet<string> TextExtensions =
        new([".txt", ".md", ".xml", ".cs", ".json", ".html", ".py", ".c", ".h", ".cpp", ".java", ".js", ".ts", ".rst", ".tex"],
            StringComparer.OrdinalIgnoreCase);

    private readonly byte[] _text;

    public ByteCorpus(byte[] text) => _text = text;

    public ReadOnlySpan<byte> Text => _text;

    public int SizeBytes => _text.Length;

    /// <summary>Reads a file, or the text files under a folder in the ordinal order of their paths.</summary>
    /// <param name="path">A file of any kind or a folder; null for <see cref="SdkReference"/>.</param>
    /// <param name="limitBytes">The most bytes of text; the rest is left out.</param>
    /// <exception cref="IOException">There is nothing to read; the message names the option to change.</exception>
    public static ByteCorpus Open(string? path = null, int limitBytes = DefaultLimitBytes)
    {
        path ??= SdkReference();
        var files = File.Exists(path) ? [path] : Directory.Exists(path) ? TextFilesUnder(path) : [];
        if (files.Length == 0) throw new IOException($"No text at '{path}': name a text file, or a folder with text files, with --data.");
        var text = new MemoryStream();
        foreach (var file in files)
        {
            var content = File.ReadAllBytes(file);
            if (Path.GetExtension(file) == ".xml") content = WithoutTags(content);
            text.Write(content, 0, Math.Min(content.Length, limitBytes - (int)text.Length));
            if (text.Length == limitBytes) break;
        }
        return new ByteCorpus(text.ToArray());
    }

    /// <summary>The folder of the .NET SDK's reference documentation: English text about code, present on every machine with the SDK.</summary>
    /// <exception cref="IOException">Only the runtime is installed.</exception>
    public static string SdkReference()
    {
        // <root>/shared/Microsoft.NETCore.App/<version>/System.Private.CoreLib.dll
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        var packs = Path.Combine(root, "packs", "Microsoft.NETCore.App.Ref");
        var framework = $"net{Environment.Version.ToString(2)}";
        var reference = (Directory.Exists(packs) ? Directory.GetDirectories(packs) : [])
            .Order(StringComparer.Ordinal)
            .Select(pack => Path.Combine(pack, "ref", framework))
            .LastOrDefault(Directory.Exists);
        return reference ?? throw new IOException(
            $"The default text, the .NET SDK's {framework} documentation, is not under '{packs}'. Name a text with --data.");
    }

    private static string[] TextFilesUnder(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => TextExtensions.Contains(Path.GetExtension(file)))];
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    /// <summary>The text between the tags, with white space folded. Names that the documentation refers to are kept.</summary>
    private static byte[] WithoutTags(byte[] xml)
    {
        var text = new StringBuilder(xml.Length / 2);
        ReadOnlySpan<char> rest = Encoding.UTF8.GetString(xml);
        while (!rest.IsEmpty)
        {
            var open = rest.IndexOf('<');
            AppendFolded(text, open < 0 ? rest : rest[..open]);
            if (open < 0) break;
            var close = rest[open..].IndexOf('>');
            if (close < 0) break;
            var tag = rest.Slice(open, close);
            AppendFolded(text, NameIn(tag));
            if (!tag.EndsWith("/")) AppendFolded(text, " ");
            rest = rest[(open + close + 1)..];
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary><c>System.String</c> of <c>&lt;see cref="T:System.String"/&gt;</c>: the first attribute's value, or nothing.</summary>
    private static ReadOnlySpan<char> NameIn(ReadOnlySpan<char> tag)
    {
        var start = tag.IndexOf('"');
        if (start < 0) return default;
        var value = tag[(start + 1)..];
        var end = value.IndexOf('"');
        if (end < 0) return default;
        value = value[..end];
        return value.Length > 2 && value[1] == ':' ? value[2..] : value;
    }

    private static void AppendFolded(StringBuilder text, ReadOnlySpan<char> part)
    {
        foreach (var c in part)
        {
            if (!char.IsWhiteSpace(c)) text.Append(c);
            else if (text.Length > 0 && text[^1] is not (' ' or '\n')) text.Append(c == '\n' ? '\n' : ' ');
        }
    }
}
