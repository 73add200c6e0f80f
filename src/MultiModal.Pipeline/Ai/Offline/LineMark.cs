namespace MultiModal.Pipeline.Ai.Offline;

/// <summary>What a line begins with.</summary>
internal enum LineMark
{
    None,
    Heading,
    Bullet,
    OpenBox,
    TickedBox,
}
