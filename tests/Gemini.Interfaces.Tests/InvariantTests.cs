namespace Gemini.Interfaces.Tests;

public sealed class InvariantTests
{
    private int _formatted;

    [Fact]
    public void Check_Holds_NothingIsFormattedAndNothingAllocated()
    {
        Invariant.Check(true, $"host {this} is gone");
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var position = 0; position < 1000; position++) Invariant.Check(position >= 0, $"position {position} of {this}");

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(0, _formatted);
    }

    [Fact]
    public void Check_DoesNotHold_SaysWhatIsWrong()
    {
        var error = Assert.Throws<InvariantViolatedException>(() => Invariant.Check(_formatted > 0, $"host {this} has {2} positions"));

        Assert.Equal("host h1 has 2 positions", error.Message);
        Assert.Equal(1, _formatted);
    }

    [Fact]
    public void Check_PlainText_IsTheMessage()
    {
        Invariant.Check(true, "never said");

        Assert.Equal("there is no plan", Assert.Throws<InvariantViolatedException>(() => Invariant.Check(_formatted > 0, "there is no plan")).Message);
    }

    public override string ToString()
    {
        _formatted++;
        return "h1";
    }
}
