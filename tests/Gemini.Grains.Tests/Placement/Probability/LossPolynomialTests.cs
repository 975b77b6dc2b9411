using System.Numerics;
using CsCheck;
using Gemini.Grains.Placement.Probability;

namespace Gemini.Grains.Tests.Placement.Probability;

public sealed class LossPolynomialTests
{
    /// <summary>Random walks of decreasing n, compared with Pascal's triangle.</summary>
    [Fact]
    public void Walker_AnyPathOfFallingN_EqualsPascalsTriangle()
    {
        var pascal = Pascal(40);
        var points = Gen.Int[0, 40].SelectMany(n => Gen.Select(Gen.Const(n), Gen.Int[0, n])).Array[1, 12];
        points.Sample(path =>
        {
            var falling = path.OrderByDescending(point => point.Item1).ToList();
            var walker = new BinomialWalker(falling[0].Item1, falling[0].Item2);
            Assert.All(falling, point => Assert.Equal(pascal[point.Item1][point.Item2], walker.MoveTo(point.Item1, point.Item2)));
        });
    }

    /// <summary>Another closed form: s kept hosts around a ring of n leave s gaps of 0 to m-1 losses, n/s·[x^k](1+x+...+x^(m-1))^s.</summary>
    [Fact]
    public void Ring_EqualsTheGapsBetweenKeptHosts() =>
        Gen.Int[2, 60].SelectMany(hosts => Gen.Select(Gen.Const(hosts), Gen.Int[1, hosts - 1], Gen.Int[0, hosts - 1]))
            .Sample((hosts, replicas, lost) =>
            {
                var kept = hosts - lost;
                var gaps = Enumerable.Repeat(Enumerable.Repeat(BigInteger.One, replicas).ToArray(), kept)
                    .Aggregate((BigInteger[])[BigInteger.One], Product);
                var expected = lost < gaps.Length ? hosts * gaps[lost] / kept : BigInteger.Zero;
                Assert.Equal(expected, LossPolynomial.Ring(hosts, replicas).Coefficient(lost));
            });

    [Fact]
    public void Times_EqualsTheProductOfCoefficients() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[1, 4], Gen.Int[1, 12]).Sample((groups, replicas, ring) =>
        {
            var (left, right) = (LossPolynomial.Groups(groups, replicas), LossPolynomial.Ring(replicas + ring, replicas));
            var expected = Product(Coefficients(left, groups * replicas), Coefficients(right, replicas + ring));
            Assert.Equal(expected, Coefficients(left.Times(right), (groups * replicas) + replicas + ring));
        });

    [Fact]
    public void Coefficient_OutOfRange_IsZero()
    {
        Assert.Equal(BigInteger.Zero, LossPolynomial.Ring(5, 2).Coefficient(6));
        Assert.Equal(BigInteger.Zero, LossPolynomial.One.Coefficient(1));
        Assert.Equal(BigInteger.Zero, BinomialWalker.Value(3, -1));
    }

    private static BigInteger[] Coefficients(LossPolynomial polynomial, int degree) =>
        [.. Enumerable.Range(0, degree + 1).Select(polynomial.Coefficient)];

    private static BigInteger[] Product(BigInteger[] left, BigInteger[] right)
    {
        var product = new BigInteger[left.Length + right.Length - 1];
        for (var i = 0; i < left.Length; i++)
            for (var j = 0; j < right.Length; j++) product[i + j] += left[i] * right[j];
        return product;
    }

    private static BigInteger[][] Pascal(int rows)
    {
        var triangle = new BigInteger[rows + 1][];
        for (var n = 0; n <= rows; n++)
        {
            triangle[n] = new BigInteger[n + 1];
            for (var r = 0; r <= n; r++) triangle[n][r] = r == 0 || r == n ? 1 : triangle[n - 1][r - 1] + triangle[n - 1][r];
        }

        return triangle;
    }
}
