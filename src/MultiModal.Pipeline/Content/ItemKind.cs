namespace MultiModal.Pipeline.Content;

/// <summary>The kind of an item, decided by its content.</summary>
public enum ItemKind
{
    Unsupported,
    Image,
    Audio,
    Text,
}
