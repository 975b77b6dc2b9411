namespace Gemini.Interfaces.Model;

/// <summary>The chance that every shard keeps a copy in some host's memory when several hosts or domains are lost together.</summary>
/// <param name="What">"host", or a label such as "rack".</param>
/// <param name="Lost">How many are lost together. Every choice of that many is equally likely.</param>
/// <param name="Of">How many there are.</param>
/// <param name="Recovery">The chance, 0 to 1.</param>
/// <param name="Loss">1 minus the chance, computed separately: a double near 1 would keep few digits.</param>
/// <param name="Fraction">The chance as a fraction in lowest terms, such as "14/15"; empty when it is too long to show.</param>
/// <param name="IsExact">If false, <paramref name="Recovery"/> is a lower bound of the chance.</param>
[GenerateSerializer, Immutable, Alias("gemini.RiskRow")]
public sealed record RiskRow(string What, int Lost, int Of, double Recovery, double Loss, string Fraction, bool IsExact);
