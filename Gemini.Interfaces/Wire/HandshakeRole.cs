namespace Gemini.Interfaces.Wire;

/// <summary>Which side of a connection proves itself.</summary>
public enum HandshakeRole : byte
{
    /// <summary>The side that connected.</summary>
    Client = (byte)'C',

    /// <summary>The side that accepted.</summary>
    Server = (byte)'S',
}
