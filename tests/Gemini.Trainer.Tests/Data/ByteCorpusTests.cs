using System.Text;
using Gemini.Trainer.Data;

namespace Gemini.Trainer.Tests.Data;

public sealed class ByteCorpusTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gemini-corpus-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Open_Folder_ReadsTextFilesInOrdinalOrder()
    {
        Write("b.txt", "second ");
        Write("Z.md", "first ");
        Write("image.png", "not text");
        Write("sub/c.cs", "third");
        Assert.Equal("first second third", TextOf(ByteCorpus.Open(_folder.FullName)));
    }

    [Fact]
    public void Open_BeyondTheLimit_StopsThere()
    {
        Write("a.txt", "12345");
        Write("b.txt", "67890");
        Assert.Equal("1234567", TextOf(ByteCorpus.Open(_folder.FullName, limitBytes: 7)));
    }

    [Fact]
    public void Open_Xml_KeepsTheTextAndTheNames()
    {
        Write("a.xml", "<doc>\n   <member name=\"T:A.B\">See  <see cref=\"T:A.C\"/>, or <c>x</c>.</member></doc>");
        string text = TextOf(ByteCorpus.Open(_folder.FullName));
        Assert.Equal("A.B See A.C, or x .", text.Trim());
    }

    [Fact]
    public void Open_WhereNothingIs_NamesTheOption()
    {
        Assert.Contains("--data", Assert.Throws<IOException>(() => ByteCorpus.Open(_folder.FullName)).Message, StringComparison.Ordinal);
        Assert.Contains("--data", Assert.Throws<IOException>(() => ByteCorpus.Open("/no/such/path")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Default_IsMegabytesOfText() => Assert.True(ByteCorpus.Open().SizeBytes > 1 << 20);

    private static string TextOf(ByteCorpus corpus) => Encoding.UTF8.GetString(corpus.Text);

    private void Write(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
