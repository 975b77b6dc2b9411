using System.Text;
using Gemini.Trainer.Data;

namespace Gemini.Trainer.Tests.Data;

public sealed class ByteCorpusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_Folder_ReadsTextFilesInOrdinalOrder()
    {
        _folder.Write("b.txt", "second ");
        _folder.Write("Z.md", "first ");
        _folder.Write("image.png", "not text");
        _folder.Write("sub/c.cs", "third");
        Assert.Equal("first second third", TextOf(ByteCorpus.Open(_folder.Path)));
    }

    [Fact]
    public void Open_BeyondTheLimit_StopsThere()
    {
        _folder.Write("a.txt", "12345");
        _folder.Write("b.txt", "67890");
        Assert.Equal("1234567", TextOf(ByteCorpus.Open(_folder.Path, limitBytes: 7)));
    }

    [Fact]
    public void Open_Xml_KeepsTheTextAndTheNames()
    {
        _folder.Write("a.xml", "<doc>\n   <member name=\"T:A.B\">See  <see cref=\"T:A.C\"/>, or <c>x</c>.</member></doc>");
        string text = TextOf(ByteCorpus.Open(_folder.Path));
        Assert.Equal("A.B See A.C, or x .", text.Trim());
    }

    [Fact]
    public void Open_WhereNothingIs_NamesTheOption()
    {
        Assert.Contains("--data", Assert.Throws<IOException>(() => ByteCorpus.Open(_folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("--data", Assert.Throws<IOException>(() => ByteCorpus.Open("/no/such/path")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Default_IsMegabytesOfText() => Assert.True(ByteCorpus.Open().SizeBytes > 1 << 20);

    private static string TextOf(ByteCorpus corpus) => Encoding.UTF8.GetString(corpus.Text);
}
