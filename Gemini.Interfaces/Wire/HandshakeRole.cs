namespace Gemini.Interfaces.Wire;

/// <summary>The side of a connection that a proof is from.</summary>
public enum HandshakeRole : byte
{
    /// <summary>The side that connected.</summary>
    Client = (byte)'C',

    /// <summary>The side that accepted.</summary>
    Server = (byte)'S',
}
