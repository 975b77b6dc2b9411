using System.Reflection;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>Number fields of objects as tensors. The objects here stand for those of TorchSharp.</summary>
public sealed class ScalarFieldsTests
{
    [Fact]
    public void Of_TypeWithBases_HasTheBasesFieldsFirst() => Assert.Equal(
        ["Rate", "_count", "_name", "<Step>k__BackingField"], ScalarFields.Of(typeof(Counter)).Select(field => field.Name));

    [Fact]
    public void NameOf_BackingField_IsThePropertysName() => Assert.Equal(
        ["Rate", "_count", "_name", "Step"], ScalarFields.Of(typeof(Counter)).Select(ScalarFields.NameOf));

    [Theory]
    [InlineData("Flag", SafetensorsType.BOOL)]
    [InlineData("MaybeFlag", SafetensorsType.BOOL)]
    [InlineData("Int", SafetensorsType.I32)]
    [InlineData("Mode", SafetensorsType.I32)]
    [InlineData("LongMode", SafetensorsType.I64)]
    [InlineData("Long", SafetensorsType.I64)]
    [InlineData("Single", SafetensorsType.F32)]
    [InlineData("Double", SafetensorsType.F64)]
    [InlineData("MaybeDouble", SafetensorsType.F64)]
    [InlineData("Text", null)]
    [InlineData("List", null)]
    [InlineData("Decimal", null)]
    [InlineData("Short", null)]
    [InlineData("Unsigned", null)]
    public void TypeOf_Field_IsThatOfItsNumber(string field, SafetensorsType? type) => Assert.Equal(type, ScalarFields.TypeOf(Field(field)));

    public static TheoryData<string, object, object, string> Numbers => new()
    {
        { "Flag", true, false, "01" },
        { "MaybeFlag", true, false, "01" },
        { "Int", -2, 5, "FEFFFFFF" },
        { "Mode", Mode.Last, Mode.First, "07000000" },
        { "LongMode", LongMode.Far, LongMode.Near, "0000000001000000" },
        { "Long", long.MinValue, 5L, "0000000000000080" },
        { "Single", 1.5f, 0f, "0000C03F" },
        { "Double", -0.0, 5.0, "0000000000000080" },
        { "MaybeDouble", double.NaN, 5.0, "000000000000F8FF" },
    };

    [Theory]
    [MemberData(nameof(Numbers))]
    public void One_AnyNumber_IsWrittenAndReadBack(string name, object value, object other, string bytes)
    {
        var owner = new Owner();
        var field = Field(name);
        field.SetValue(owner, value);
        var tensor = ScalarFields.One("n", field, owner);
        Assert.Empty(tensor.Shape);
        var written = new byte[tensor.ByteLength];
        tensor.Write(written);
        Assert.Equal(bytes, Convert.ToHexString(written));
        field.SetValue(owner, other);
        tensor.Read(written);
        Assert.Equal(value, field.GetValue(owner));
        Assert.IsType(value.GetType(), field.GetValue(owner));
    }

    [Fact]
    public void Many_SeveralOwners_AreInTheirOrder()
    {
        Owner[] owners = [new() { Int = 1 }, new() { Int = 2 }, new() { Int = 3 }];
        var tensor = ScalarFields.Many("n", Field("Int"), owners);
        Assert.Equal([3], tensor.Shape);
        var bytes = new byte[12];
        tensor.Write(bytes);
        Assert.Equal("010000000200000003000000", Convert.ToHexString(bytes));
        Array.Reverse(owners);
        ScalarFields.Many("n", Field("Int"), owners).Read(bytes);
        Assert.Equal([1, 2, 3], owners.Select(owner => owner.Int));
    }

    [Fact]
    public void Many_NoOwners_IsEmpty()
    {
        var tensor = ScalarFields.Many("n", Field("Int"), []);
        tensor.Write([]);
        tensor.Read([]);
        Assert.Equal((0L, 1), (tensor.ByteLength, tensor.Shape.Length));
    }

    [Fact]
    public void Write_NumberThatIsNotThere_SaysWhich()
    {
        var tensor = ScalarFields.Many("optimizer.best", Field("MaybeDouble"), [new Owner { MaybeDouble = 1 }, new Owner()]);
        Assert.Equal("optimizer.best has no value.", Assert.Throws<InvalidOperationException>(() => tensor.Write(new byte[16])).Message);
    }

    [Fact]
    public void List_Numbers_AreSetInPlace()
    {
        List<double> live = [1.5, -2, double.PositiveInfinity];
        var tensor = ScalarFields.List("rates", live);
        Assert.Equal((SafetensorsType.F64, 24L), (tensor.Type, tensor.ByteLength));
        var bytes = new byte[24];
        tensor.Write(bytes);
        for (var index = 0; index < 3; index++) live[index] = 0;
        tensor.Read(bytes);
        Assert.Equal([1.5, -2, double.PositiveInfinity], live);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void List_OfAnotherLength_SaysBoth(int count)
    {
        List<double> live = [1, 2, 3];
        var tensor = ScalarFields.List("rates", live);
        live.Clear();
        live.AddRange(Enumerable.Repeat(0.0, count));
        Assert.Equal($"rates had 3 numbers and has {count}.", Assert.Throws<InvalidOperationException>(() => tensor.Write(new byte[24])).Message);
    }

    private static FieldInfo Field(string name) => typeof(Owner).GetField(name)!;

    private enum Mode
    {
        First,
        Last = 7,
    }

    private enum LongMode : long
    {
        Near,
        Far = 1L << 32,
    }

    private sealed class Owner
    {
        public bool Flag = true;
        public bool? MaybeFlag = true;
        public int Int = 3;
        public Mode Mode = Mode.Last;
        public LongMode LongMode = LongMode.Far;
        public long Long = 3;
        public float Single = 3;
        public double Double = 3;
        public double? MaybeDouble;
        public string Text = "";
        public List<double> List = [];
        public decimal Decimal = 3;
        public short Short = 3;
        public uint Unsigned = 3;
    }

    private class CounterBase
    {
        public double Rate = 2;
        private readonly int _count = 3;

        public override string ToString() => $"{_count} {Rate}";
    }

    private sealed class Counter : CounterBase
    {
        private readonly string _name = "x";

        public long Step { get; set; }

        public override string ToString() => _name;
    }
}
