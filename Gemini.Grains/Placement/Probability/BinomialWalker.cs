using System.Numerics;

namespace Gemini.Grains.Placement.Probability;

/// <summary>Binomial coefficients C(n, r) along a path of falling n, each from the one before.</summary>
/// <remarks>
/// C(n-1, r-1) = C(n, r)·r/n; C(n-1, r) = C(n, r)·(n-r)/n; C(n, r-1) = C(n, r)·r/(n-r+1); C(n, r+1) = C(n, r)·(n-r)/(r+1). Every
/// division is exact. One step costs one product and one quotient with a machine word, so a path from n = N down to 0 costs O(N)
/// of them instead of O(N) per coefficient. Checked by: LossPolynomialTests (against Pascal's triangle).
/// </remarks>
internal sealed class BinomialWalker
{
    private int _n;
    private int _r;
    private BigInteger _value;

    /// <summary>Starts at C(n, r), 0 ≤ r ≤ n.</summary>
    public BinomialWalker(int n, int r)
    {
        _n = n;
        _r = 0;
        _value = BigInteger.One;
        // From the nearer end: C(n, 0) = C(n, n) = 1.
        if (r > n / 2) _r = n;
        MoveChoice(r);
    }

    /// <summary>Unit steps taken so far. The cost is proportional to them.</summary>
    public long StepCount { get; private set; }

    public static BigInteger Value(int n, int r) => r < 0 || r > n ? BigInteger.Zero : new BinomialWalker(n, r)._value;

    /// <summary>C(n, r) for n not above the last one, 0 ≤ r ≤ n.</summary>
    public BigInteger MoveTo(int n, int r)
    {
        while (_n > n)
        {
            // Falls along the diagonal while r has to fall as well; r ≤ n keeps every value on the way above zero.
            var diagonal = _r > r;
            _value = _value * (diagonal ? _r : _n - _r) / _n;
            _n--;
            if (diagonal) _r--;
            StepCount++;
        }

        MoveChoice(r);
        return _value;
    }

    private void MoveChoice(int r)
    {
        for (; _r > r; _r--, StepCount++) _value = _value * _r / (_n - _r + 1);
        for (; _r < r; _r++, StepCount++) _value = _value * (_n - _r) / (_r + 1);
    }
}
